// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import Foundation
import HTTPClient
import HTTPServer
import LabChild
import RawPeer
import Sockets
import Testing

/// Whom we believe. The peers are OpenSSL's own server; the certificates are made for the run.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct TLSTests {
    private static let certificates = Result { try Certificates() }
    private let certificates: Certificates

    init() throws { certificates = try TLSTests.certificates.get() }

    private func client(
        trusting authority: String? = "ca",
        as certificate: HTTPClientTrust.ClientCertificate? = nil
    ) throws -> Client {
        try Client(
            trust: HTTPClientTrust(
                caFile: authority.map { certificates.file($0, "pem") }, clientCertificate: certificate))
    }

    private func untrustedReason(_ error: HTTPClientError?) -> String? {
        if case .untrusted(_, let reason) = error { reason } else { nil }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a peer whose authority is configured and whose name is right is believed`(host: String) async throws {
        let peer = try TLSPeer(certificates, as: "good")
        let client = try client()
        for _ in 0..<3 {
            let answer = try await client.get(peer.url(host))
            #expect(answer.status == 200)
            #expect(answer.text.contains("TLSv1.3"))
        }
    }

    @Test func `another authority's word is not enough`() async throws {
        let peer = try TLSPeer(certificates, as: "good")
        let error = await (try client(trusting: "stranger")).failure(of: .init(.get, peer.url()))
        #expect(untrustedReason(error)?.contains("unable to get local issuer certificate") == true)
        #expect(error?.description.hasPrefix("https://127.0.0.1:\(peer.port) is not trusted: SSL certificate") == true)
    }

    @Test func `without a CA file the system's authorities count`() async throws {
        let peer = try TLSPeer(certificates, as: "good")
        let error = await (try client(trusting: nil)).failure(of: .init(.get, peer.url()))
        #expect(untrustedReason(error) != nil)
    }

    @Test func `a certificate of another host is not enough`() async throws {
        let peer = try TLSPeer(certificates, as: "elsewhere")
        let error = await (try client()).failure(of: .init(.get, peer.url()))
        #expect(untrustedReason(error)?.contains("127.0.0.1") == true)
    }

    @Test func `an expired certificate is not enough`() async throws {
        let peer = try TLSPeer(certificates, as: "expired")
        let error = await (try client()).failure(of: .init(.get, peer.url()))
        #expect(untrustedReason(error)?.contains("certificate has expired") == true)
    }

    @Test func `TLS older than 1.2 is not spoken`() async throws {
        let peer = try TLSPeer(certificates, as: "good", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        guard case .tlsFailed = await (try client()).failure(of: .init(.get, peer.url())) else {
            Issue.record("spoken")
            return
        }
    }

    @Test func `an https request to a port that speaks HTTP has its own error`() async throws {
        let server = try GoodServer()
        guard case .tlsFailed = await (try client()).failure(of: .init(.get, "https://127.0.0.1:\(server.port)/"))
        else {
            Issue.record("no error of TLS")
            return
        }
    }

    @Test func `an http request to a port that speaks TLS has its own error`() async throws {
        let peer = try TLSPeer(certificates, as: "good")
        #expect(await (try client()).failure(of: .init(.get, "http://127.0.0.1:\(peer.port)/")) != nil)
    }

    @Test(arguments: ["missing", "empty"])
    func `a CA file that cannot be used is named as the cause, and nobody is believed`(name: String) async throws {
        if name == "empty" { try Data().write(to: URL(filePath: certificates.file("empty", "pem"))) }
        let peer = try TLSPeer(certificates, as: "good")
        let error = await (try client(trusting: name)).failure(of: .init(.get, peer.url()))
        guard case .trustUnusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains(certificates.file(name, "pem")) == true)
    }

    // MARK: Who we are

    private func certificate(_ name: String, key: String? = nil) -> HTTPClientTrust.ClientCertificate {
        .init(certificateFile: certificates.file(name, "pem"), keyFile: certificates.file(key ?? name, "key"))
    }

    /// A server that turns away who has no certificate of the CA.
    private func demandingPeer() throws -> TLSPeer {
        try TLSPeer(
            certificates, as: "good", "-Verify", "1", "-verify_return_error", "-CAfile", certificates.file("ca", "pem"))
    }

    @Test func `a server that demands a certificate sees ours`() async throws {
        let peer = try demandingPeer()
        let answer = try await (try client(as: certificate("client"))).get(peer.url())
        #expect(answer.status == 200)
        #expect(answer.text.contains("Subject: CN=client"))
    }

    @Test func `authorities, certificate and key may be in memory only`() async throws {
        let peer = try demandingPeer()
        func pem(_ name: String, _ ending: String) throws -> PEM {
            .bytes(Array(try Data(contentsOf: URL(filePath: certificates.file(name, ending)))))
        }
        let shown = HTTPClientTrust.ClientCertificate(
            certificate: try pem("client", "pem"), key: try pem("client", "key"))
        let client = try Client(trust: HTTPClientTrust(authorities: try pem("ca", "pem"), clientCertificate: shown))
        #expect(try await client.get(peer.url()).text.contains("Subject: CN=client"))
        #expect(!"\(shown)".contains("PRIVATE") && !String(reflecting: shown).contains("45, 45, 45"))
        let misled = try Client(trust: HTTPClientTrust(authorities: try pem("stranger", "pem")))
        #expect(untrustedReason(await misled.failure(of: .init(.get, peer.url()))) != nil)
        let broken = try Client(trust: HTTPClientTrust(authorities: .bytes(Array("no PEM".utf8))))
        #expect(await broken.failure(of: .init(.get, peer.url())) != nil)
    }

    @Test func `and turns us away when there is none`() async throws {
        let peer = try demandingPeer()
        #expect(await (try client()).failure(of: .init(.get, peer.url())) != nil)
    }

    @Test func `after a redirect to another origin it is not shown`() async throws {
        let peer = try demandingPeer()
        let first = try RawServer(answer: "HTTP/1.1 302 x\r\nLocation: \(peer.url())\r\nContent-Length: 0\r\n\r\n")
        let request = HTTPClientRequest.with(.get, first.url) { $0.redirectsMax = 1 }
        #expect(await (try client(as: certificate("client"))).failure(of: request) != nil)
    }

    @Test func `a client that shows its certificate to one origin has none of its connections used without`()
        async throws
    {
        let peer = try TLSPeer(certificates, as: "good", "-verify", "1", "-CAfile", certificates.file("ca", "pem"))
        let first = try RawServer(answer: "HTTP/1.1 302 x\r\nLocation: \(peer.url())\r\nContent-Length: 0\r\n\r\n")
        let client = try client(as: certificate("client"))
        #expect(try await client.get(peer.url()).text.contains("Subject: CN=client"))
        let request = HTTPClientRequest.with(.get, first.url) { $0.redirectsMax = 1 }
        #expect(!(try await client.send(request)).text.contains("Subject: CN=client"))
    }

    @Test(arguments: ["missing", "ca"])
    func `a key that is missing or another's is named as the cause`(key: String) async throws {
        let peer = try TLSPeer(certificates, as: "good")
        let error = await (try client(as: certificate("client", key: key))).failure(of: .init(.get, peer.url()))
        guard case .trustUnusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `an encrypted key is refused, and nobody is asked for its password`() async throws {
        let key = certificates.file("encrypted", "key")
        let locking = try Child.output(
            of: [
                "/usr/bin/openssl", "ec", "-aes256", "-passout", "pass:secret", "-in",
                certificates.file("client", "key"), "-out", key,
            ], errors: .discarded)
        try #require(locking.status == 0)
        let peer = try TLSPeer(certificates, as: "good")
        let error = await (try client(as: certificate("client", key: "encrypted"))).failure(of: .init(.get, peer.url()))
        guard case .trustUnusable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    // MARK: Redirects

    @Test func `a redirect from https to http is not followed`() async throws {
        let server = try GoodServer()
        let peer = try TLSRedirect(certificates, to: server.url + "/echo")
        let request = HTTPClientRequest.with(.get, peer.url) { $0.redirectsMax = 3 }
        let error = await (try client()).failure(of: request)
        let origin = Origin(scheme: .https, host: "127.0.0.1", port: peer.port)
        #expect(error == .redirectRefused(origin, reason: "it leads from https to http"))
        #expect(server.service.requestCount == 0)
    }

    @Test func `a redirect from http to https is followed, without credentials`() async throws {
        let peer = try TLSPeer(certificates, as: "good")
        let first = try GoodServer()
        let request = HTTPClientRequest.with(.get, first.url + "/redirect?" + peer.url()) { $0.redirectsMax = 3 }
        let answer = try await (try client()).send(request)
        #expect(answer.origin.scheme == .https)
        #expect(answer.status == 200)
    }

    // MARK: Our own server

    @Test func `our own server believes our certificate, and we believe its`() async throws {
        let material = TLSMaterial(
            certificate: try certificates.bytes("good", "pem"), key: try certificates.bytes("good", "key"),
            clientAuthorities: try certificates.bytes("ca", "pem"), requiresClientCertificate: true)
        let server = try SecureServer(TLSInForce(try TLSContext(material)))
        let client = try client(as: certificate("client"))
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        var request = HTTPClientRequest(.post, server.url, body: body)
        request.isRepeatable = true
        for _ in 0..<3 {
            let answer = try await client.send(request)
            #expect(answer.status == 200 && answer.body == Array("CN=client ".utf8) + body)
        }
        #expect(server.server.connectionsOpen == 1)
        #expect(await (try self.client()).failure(of: .init(.get, server.url)) != nil)
    }
}

/// Answers with whom TLS has proven the client to be, and the body.
private struct EchoingService: HTTPService {
    func respond(to request: HTTPRequest) -> HTTPAnswer {
        let name = request.head.certificate?.subject ?? "nobody"
        return .now(HTTPResponse(status: 200, body: Array("\(name) ".utf8) + request.body))
    }
}

private final class SecureServer {
    let server: HTTPServer
    private let thread: LoopThread

    init(_ tls: TLSInForce) throws {
        let secure = SecureListening(addresses: [.tcp(host: "127.0.0.1", port: 0)], tls: tls)
        let server = try HTTPServer(addresses: [], secure: secure, service: EchoingService())
        self.server = server
        thread = try LoopThread(named: "tls-server") { try? server.run() }
    }

    var url: String { "https://\(server.secureAddresses[0])/" }

    deinit {
        server.drain(deadline: .zero)
        thread.join()
    }
}
