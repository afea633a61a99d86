// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import Foundation
import LabChild

/// `openssl s_server`, which answers each GET with a page that says what it saw of the client.
final class TLSPeer: @unchecked Sendable {
    let port: UInt16
    private let child: Child

    init(_ certificates: Certificates, as name: String, _ arguments: String...) throws {
        child = try Child(
            [
                "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                certificates.file(name, "pem"), "-key", certificates.file(name, "key"),
            ] + arguments, errors: .discarded)
        let accepts = "ACCEPT 127.0.0.1:"
        var line = ""
        while !line.hasPrefix(accepts) {
            let bytes = child.line()
            guard !bytes.isEmpty || line.isEmpty else { throw Certificates.Failure(description: "s_server ended") }
            line = String(decoding: bytes, as: UTF8.self)
        }
        port = UInt16(line.dropFirst(accepts.count)) ?? 0
    }

    func url(_ host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    deinit { child.kill() }
}

/// A Python server over TLS that redirects everybody.
final class TLSRedirect: @unchecked Sendable {
    let port: UInt16
    private let child: Child

    private static let program = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(302)
                self.send_header("Location", sys.argv[3])
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *_): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    init(_ certificates: Certificates, to location: String) throws {
        child = try Child([
            "/usr/bin/env", "python3", "-c", TLSRedirect.program, certificates.file("good", "pem"),
            certificates.file("good", "key"), location,
        ])
        port = UInt16(String(decoding: child.line(), as: UTF8.self)) ?? 0
    }

    var url: String { "https://127.0.0.1:\(port)/" }

    deinit { child.kill() }
}
