// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import Testing

/// A configuration in a folder of its own, with the parts that every site needs added behind the text, so that the
/// text's lines count as they stand in the test.
struct Sample {
    let folder: URL

    init(_ text: String, files: [String: String] = [:]) throws {
        try self.init(bytes: Data(Sample.completed(text).utf8), files: files)
    }

    init(bytes: Data, files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "berth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try bytes.write(to: folder.appending(path: "berth.yaml"))
        try write("a-token-of-23-characters", to: "production.token")
        for (name, content) in files { try write(content, to: name) }
    }

    private func write(_ content: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path())
    }

    private static func completed(_ text: String) -> String {
        let parts = [
            ("ledger:", "ledger: {path: ledger.sqlite}"),
            ("deployments:", "deployments: {production: {hook_token_file: production.token}}"),
            ("profiles:", "profiles: [{display_name: CPU}]"),
        ]
        let missing = parts.filter { !("\n" + text).contains("\n" + $0.0) }.map(\.1)
        return ([text.hasSuffix("\n") || text.isEmpty ? String(text.dropLast(0)) : text + "\n"] + missing).joined(
            separator: missing.isEmpty ? "" : "\n")
    }

    func load(_ secrets: SecretsNeed = .required) -> Outcome {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "berth.yaml").path()
        do throws(ConfigurationFaults) {
            let loaded = try Site.load(path: path, secrets: secrets)
            return Outcome(site: loaded.site, faults: [], warnings: loaded.warnings.map(short))
        } catch {
            return Outcome(site: nil, faults: error.faults.map(short), warnings: error.warnings.map(short))
        }
    }

    /// The fault without the folder's name, which differs in each run.
    private func short(_ fault: Fault) -> String {
        fault.description.replacingOccurrences(of: folder.path() + "/", with: "")
    }

    struct Outcome {
        let site: Site?
        let faults: [String]
        let warnings: [String]
    }
}

func faults(in text: String, files: [String: String] = [:], _ secrets: SecretsNeed = .required) throws -> [String] {
    try Sample(text, files: files).load(secrets).faults
}

func warnings(in text: String, files: [String: String] = [:], _ secrets: SecretsNeed = .required) throws -> [String] {
    let outcome = try Sample(text, files: files).load(secrets)
    return outcome.faults + outcome.warnings
}

/// Shows what was found where it differs.
func expect(_ found: [String], are wanted: [String], at place: SourceLocation = #_sourceLocation) {
    #expect(found == wanted, sourceLocation: place)
}
