// SPDX-License-Identifier: Apache-2.0

/// The exporters that Berth knows by itself, in the language in which a site writes its own.
enum BuiltInExporters {
    private static let files: [(name: String, bytes: [UInt8])] = [
        ("dcgm-exporter", PackageResources.dcgm_exporter_yaml),
        ("metagpu-exporter", PackageResources.metagpu_exporter_yaml),
    ]

    static let names = files.map(\.name)

    /// Nil for a name that is none.
    static func item(_ name: String, _ findings: inout Findings) -> Item? {
        files.first { $0.name == name }.flatMap {
            BuiltInFile.item($0.bytes, name, .shape(Language.exporter), &findings)
        }
    }
}

/// A file that is a part of Berth.
enum BuiltInFile {
    static func item(_ bytes: [UInt8], _ name: String, _ kind: Kind, _ findings: inout Findings) -> Item? {
        guard let text = YAMLText(bytes, file: "\(name).yaml (built in)", &findings),
            let tree = YAMLComposer.tree(of: text, &findings)
        else { return nil }
        let item = Item(node: tree, path: .root)
        var check = ShapeCheck(findings: findings)
        check.check(item, is: kind)
        findings = check.findings
        return item
    }
}
