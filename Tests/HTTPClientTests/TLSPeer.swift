// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import Foundation

/// `openssl s_server`, which answers each GET with a page that says what it saw of the client.
final class TLSPeer: @unchecked Sendable {
    let port: UInt16
    private let process = Process()

    init(_ certificates: Certificates, as name: String, _ arguments: String...) throws {
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments =
            [
                "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificates.file(name, "pem"),
                "-key", certificates.file(name, "key"),
            ] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = ""
        while !said.contains("ACCEPT 127.0.0.1:") || !said.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Certificates.Failure(description: "s_server ended: \(said)") }
            said += String(decoding: more, as: UTF8.self)
        }
        port = said.split(separator: "ACCEPT 127.0.0.1:").last.flatMap { UInt16($0.prefix { $0.isNumber }) } ?? 0
    }

    func url(_ host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    deinit { process.end() }
}

/// A Python server over TLS that redirects everybody.
final class TLSRedirect: @unchecked Sendable {
    let port: UInt16
    private let process = Process()

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
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", TLSRedirect.program, certificates.file("good", "pem"), certificates.file("good", "key"),
            location,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = UInt16(said.prefix { $0.isNumber }) ?? 0
    }

    var url: String { "https://127.0.0.1:\(port)/" }

    deinit { process.end() }
}

extension Process {
    /// Not by SIGTERM: children inherit that it is blocked, as it is in the threads that tests run on.
    fileprivate func end() {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
    }
}
