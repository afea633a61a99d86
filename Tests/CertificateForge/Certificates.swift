// SPDX-License-Identifier: Apache-2.0
import Foundation
import LabChild

/// Authorities and certificates made by `openssl` for one test run, in a folder that goes with it.
package final class Certificates: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        package init(description: String) { self.description = description }
    }

    private let folder: URL

    /// `ca` vouches for `good` (127.0.0.1 and localhost), `renewed` (the same with another key), `elsewhere` (another
    /// host), `expired` and `client`; `stranger` is an authority that vouches for `foreign` only.
    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["ca", "stranger"] {
            try openssl("req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-out", file(name, "pem"), key: name)
        }
        try issue("good", names: "IP:127.0.0.1,DNS:localhost", days: 2)
        try issue("elsewhere", names: "DNS:idp.example.org", days: 2)
        try issue("expired", names: "IP:127.0.0.1", days: -1)
        try issue("renewed", names: "IP:127.0.0.1,DNS:localhost", days: 2)
        try issue("client", names: "DNS:berth.example.org", days: 2)
        try issue("foreign", names: "DNS:berth.example.org", days: 2, by: "stranger")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    package func file(_ name: String, _ ending: String) -> String { folder.appending(path: "\(name).\(ending)").path }

    package func bytes(_ name: String, _ ending: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: file(name, ending))))
    }

    private func issue(_ name: String, names: String, days: Int, by authority: String = "ca") throws {
        try openssl("req", "-new", "-subj", "/CN=\(name)", "-out", file(name, "csr"), key: name)
        try Data("subjectAltName=\(names)\n".utf8).write(to: URL(filePath: file(name, "ext")))
        try openssl(
            "x509", "-req", "-in", file(name, "csr"), "-CA", file(authority, "pem"), "-CAkey", file(authority, "key"),
            "-CAcreateserial", "-days", "\(days)", "-extfile", file(name, "ext"), "-out", file(name, "pem"))
    }

    private func openssl(_ arguments: String..., key name: String? = nil) throws {
        let fresh = name.map {
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file($0, "key")]
        }
        let (words, status) = try Child.output(
            of: ["/usr/bin/openssl"] + arguments + (fresh ?? []), errors: .withOutput)
        guard status == 0 else { throw Failure(description: String(decoding: words, as: UTF8.self)) }
    }
}
