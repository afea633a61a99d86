// SPDX-License-Identifier: Apache-2.0
import CertificateForge
import Foundation
import LabChild
import Sockets
import Testing

/// A client that we did not write.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "curl is not installed"))
struct CurlTests {
    private func curl(_ arguments: [String], body: Data? = nil) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
        try body?.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let sends = body == nil ? [] : ["--data-binary", "@\(file.path)"]
        let asked = try Child.output(of: ["/usr/bin/curl", "-sS", "--max-time", "60"] + sends + arguments)
        #expect(asked.status == 0)
        return asked.output
    }

    private func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }

    @Test func `curl asks twice on one connection`() throws {
        let server = try RunningServer()
        let url = "http://127.0.0.1:\(server.port)/"
        let output = try curl(["-w", "%{http_code} %{num_connects}\n", "-o", "/dev/null", "-o", "/dev/null", url, url])
        #expect(text(output) == "200 1\n200 0\n")
    }

    @Test func `curl understands the answer to HEAD`() throws {
        let server = try RunningServer()
        let output = text(try curl(["-I", "http://127.0.0.1:\(server.port)/"]))
        #expect(output.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
        #expect(output.contains("\r\nContent-Length: 13\r\n"))
    }

    /// Above 1 MiB, curl sends `Expect: 100-continue` and waits.
    @Test(arguments: [["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"]])
    func `curl gets a large body back as it sent it`(_ how: [String]) throws {
        let server = try RunningServer()
        let body = Data((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let url = "http://127.0.0.1:\(server.port)/later"
        #expect(try curl(how + [url], body: body) == body)
    }

    @Test func `curl is told that its body is too large`() throws {
        let server = try RunningServer()
        let body = Data(count: 5_000_000)
        let url = "http://127.0.0.1:\(server.port)/echo"
        let output = try curl(["-o", "/dev/null", "-w", "%{http_code}", url], body: body)
        #expect(text(output) == "413")
    }

    // MARK: TLS

    @Test(arguments: [("1.2", "1.2"), ("1.3", "1.3")])
    func `curl speaks TLS and is told that there is HTTP 1.1 only`(least: String, most: String) throws {
        let server = try SecureServer(clients: "ca")
        let output = try curl([
            "--http2", "--tlsv\(least)", "--tls-max", most, "--cacert", server.certificates.file("ca", "pem"),
            "--cert", server.certificates.file("client", "pem"), "--key", server.certificates.file("client", "key"),
            "-w", " over HTTP %{http_version}", "\(server.url)/who",
        ])
        #expect(text(output) == "CN=client client berth.example.org over HTTP 1.1")
    }

    @Test func `curl asks twice on one connection over TLS`() throws {
        let server = try SecureServer()
        let output = try curl([
            "--cacert", server.certificates.file("ca", "pem"), "-w", "%{http_code} %{num_connects}\n",
            "-o", "/dev/null", "-o", "/dev/null", server.url, server.url,
        ])
        #expect(text(output) == "200 1\n200 0\n")
    }

    @Test(arguments: [["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"]])
    func `curl gets a large body back over TLS as it sent it`(_ how: [String]) throws {
        let server = try SecureServer()
        let body = Data((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let trust = ["--cacert", server.certificates.file("ca", "pem")]
        #expect(try curl(how + trust + ["\(server.url)/later"], body: body) == body)
    }

    /// OpenSSL's own client; it says what was agreed on.
    private func agreement(_ server: SecureServer, _ arguments: String...) throws -> String {
        try session(server, ["-brief"] + arguments)
    }

    private func session(_ server: SecureServer, _ arguments: [String]) throws -> String {
        let client = ["/usr/bin/openssl", "s_client", "-connect", "127.0.0.1:\(server.port)"]
        return text(try Child.output(of: client + arguments, errors: .withOutput).output)
    }

    @Test func `versions before TLS 1_2 are not spoken`() throws {
        let server = try SecureServer()
        let weak = ["-cipher", "ALL@SECLEVEL=0"]
        #expect(try agreement(server, "-tls1_2", weak[0], weak[1]).contains("Protocol version: TLSv1.2"))
        #expect(try agreement(server, "-tls1_1", weak[0], weak[1]).contains("alert protocol version"))
    }

    @Test func `a client that speaks no HTTP 1_1 is told so in the handshake`() throws {
        let server = try SecureServer()
        #expect(try agreement(server, "-alpn", "h2").contains("alert no application protocol"))
    }

    @Test func `a client comes back by its ticket, until there is another certificate`() throws {
        let server = try SecureServer(clients: "ca")
        let file = server.certificates.file("ticket-\(UUID().uuidString)", "session")
        let shown = [
            "-cert", server.certificates.file("client", "pem"), "-key", server.certificates.file("client", "key"),
        ]
        let plain = ["-tls1_2"]
        #expect(try session(server, plain + shown + ["-sess_out", file]).contains("New, TLSv1.2"))
        #expect(try session(server, plain + ["-sess_in", file]).contains("Reused, TLSv1.2"))
        server.tls.replace(by: try TLSContext(SecureServer.material("renewed", server.certificates, clients: "ca")))
        #expect(try session(server, plain + ["-sess_in", file]).contains("New, TLSv1.2"))
    }

    @Test func `ciphers without forward secrecy are not spoken`() throws {
        let server = try SecureServer()
        #expect(try agreement(server, "-tls1_2", "-cipher", "AES256-GCM-SHA384").contains("alert handshake failure"))
    }
}
