// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import HTTPServer
import Sockets

/// A running server that speaks TLS, and the certificates around it.
struct SecureServer {
    static let forge = Result { try Certificates() }

    let certificates: Certificates
    let tls: TLSInForce
    let running: RunningServer

    /// - Parameter authority: whose word counts for clients; nil asks for no certificate.
    init(
        clients authority: String? = nil, requires: Bool = false, limits: HTTPLimits = HTTPLimits(),
        service: TestService = TestService()
    ) throws {
        let certificates = try SecureServer.forge.get()
        self.certificates = certificates
        tls = TLSInForce(
            try TLSContext(SecureServer.material("good", certificates, clients: authority, requires: requires)))
        running = try RunningServer(limits: limits, tls: tls, service: service)
    }

    static func material(
        _ name: String, _ certificates: Certificates, clients authority: String? = nil, requires: Bool = false
    ) throws -> TLSMaterial {
        TLSMaterial(
            certificate: try certificates.bytes(name, "pem"), key: try certificates.bytes(name, "key"),
            clientAuthorities: try authority.map { try certificates.bytes($0, "pem") },
            requiresClientCertificate: requires)
    }

    var port: UInt16 { running.port }
    var url: String { "https://127.0.0.1:\(port)" }

    /// Connected, and past the handshake if that goes well.
    func client(_ manner: TLSCodec.Manner = .init(), pieces: Int? = nil) throws -> RawClient {
        try RawClient(port: port, tls: TLSCodec(certificates, manner), pieces: pieces)
    }
}
