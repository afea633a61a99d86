// SPDX-License-Identifier: Apache-2.0
import Foundation
import LabChild

/// The directory that a site asks: a real slapd with the site's entries, on a socket of its own.
///
/// It is made by scripts/lab/directory.py, of the shape rfc2307bis and below `dc=example,dc=org`.
final class SiteDirectory: Sendable {
    private struct Facts: Decodable {
        let ldapi: String
    }

    private let socket: String
    private let folder: URL
    /// Has its input open as long as the directory is wanted: the script ends at its end.
    private let child: Child

    /// - Parameter ldif: its entries, besides the units `People` and `Groups`.
    init(holding ldif: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let entries = folder.appending(path: "site.ldif")
        try Data(ldif.utf8).write(to: entries)
        child = try Child([
            "/usr/bin/env", "python3", Self.script, folder.appending(path: "d").path, "--until-eof", "--shape",
            "rfc2307bis", "--people", "0", "--groups", "0", "--ldif", entries.path,
        ])
        guard let facts = try? JSONDecoder().decode(Facts.self, from: Data(child.line())) else {
            throw Slip("the directory does not start: see what slapadd says of the entries")
        }
        socket = facts.ldapi
    }

    deinit {
        child.finish()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The configuration as written, but for where its `ldaps://` server is found.
    func moved(_ configuration: String) -> String {
        configuration.replacing(/ldaps:\/\/[a-z.-]+/, with: socket)
    }

    private static let script = SiteFolder.tests.appending(path: "../../scripts/lab/directory.py").standardizedFileURL
        .path
}
