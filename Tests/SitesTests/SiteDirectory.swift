// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The directory that a site asks: a real slapd with the site's entries, on a socket of its own.
///
/// It is made by scripts/lab/directory.py, of the shape rfc2307bis and below `dc=example,dc=org`.
final class SiteDirectory: Sendable {
    private struct Facts: Decodable {
        let ldapi: String
    }

    private let socket: String
    private let folder: URL
    private let process: Process
    /// Open as long as the directory is wanted: the script ends at its end.
    private let input = Pipe()

    /// - Parameter ldif: its entries, besides the units `People` and `Groups`.
    init(holding ldif: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let entries = folder.appending(path: "site.ldif")
        try Data(ldif.utf8).write(to: entries)
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", Self.script, folder.appending(path: "d").path, "--until-eof", "--shape", "rfc2307bis",
            "--people", "0", "--groups", "0", "--ldif", entries.path,
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let facts = try? JSONDecoder().decode(Facts.self, from: Self.line(of: output)) else {
            throw Slip("the directory does not start: see what slapadd says of the entries")
        }
        socket = facts.ldapi
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The configuration as written, but for where its `ldaps://` server is found.
    func moved(_ configuration: String) -> String {
        configuration.replacing(/ldaps:\/\/[a-z.-]+/, with: socket)
    }

    private static let script = SiteFolder.tests.appending(path: "../../scripts/lab/directory.py").standardizedFileURL
        .path

    private static func line(of output: Pipe) -> Data {
        var line = Data()
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), let one = byte.first, one != 10 {
            line.append(one)
        }
        return line
    }
}
