// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A hub's profile list as a configuration of Berth's: the same profiles for the same users, as far as the file says.
package struct ImportedProfileList: Sendable {
    /// The whole file, in YAML; it passes `berth check`.
    package let text: String
    package let profileCount: Int
    /// What could not be carried over: where it stands in the source, why, and what to do.
    package let notes: [Fault]
    /// Settings of the chart that the hub keeps applying; nothing is to be done about them.
    package let leftWithHub: [String]

    /// Reads a z2jh `values.yaml`, a mapping with a `profile_list`, or a plain list; YAML or JSON.
    ///
    /// - Throws: why nothing can be imported: no file, no YAML, no list in it, too large.
    package static func read(path: String) throws(ConfigurationFaults) -> ImportedProfileList {
        var findings = Findings()
        guard let (root, isJSON) = source(path, &findings), let list = ProfileListSource.find(in: root, &findings)
        else {
            throw ConfigurationFaults(faults: findings.faults, warnings: findings.warnings)
        }
        var importing = ProfileImport(readBy: list.chart != nil ? .helm : isJSON ? .json : .python)
        importing.findings = findings
        let profiles = importing.profiles(list.profiles)
        let hub = list.chart.map { importing.hub($0, list: list) }
        importing.noteCode(in: list.chart ?? root)
        guard !profiles.isEmpty else {
            let what = "holds no profile that could be imported"
            importing.findings.fault(Fault(at: list.profiles.place, path: list.profiles.path.description, what: what))
            throw ConfigurationFaults(faults: importing.findings.faults, warnings: importing.findings.warnings)
        }
        let notes = importing.findings.warnings.inOrder(of: [path])
        let parts = ImportedFile.Parts(
            source: path, listPath: list.profiles.path.description, profiles: profiles, base: hub?.base ?? [],
            namesGroups: importing.namesGroups, notes: notes, left: hub?.left ?? [])
        guard let text = ImportedFile.text(of: parts) else {
            let what = "would be larger than 8 MiB once its aliases are written out"
            throw ConfigurationFaults(
                faults: [Fault(at: Place(file: path), path: "", what: what, remedy: "Use fewer aliases.")], warnings: []
            )
        }
        return ImportedProfileList(
            text: text, profileCount: profiles.count, notes: notes, leftWithHub: hub?.left ?? [])
    }

    private static func source(_ path: String, _ findings: inout Findings) -> (root: Item, isJSON: Bool)? {
        switch WholeFile.read(path, most: YAMLText.bytesMost) {
        case .failure(let reason):
            findings.fault(Fault(at: Place(file: path), path: "", what: reason.words))
            return nil
        case .success(let file):
            let isJSON = (try? JSON(parsing: file.bytes)) != nil
            guard var text = YAMLText(file.bytes, file: path, &findings) else { return nil }
            if isJSON { text.text = JSONEscapes.fitForYAML(text.text) }
            if PythonSource.looks(text.text) {
                findings.fault(PythonSource.fault(Place(file: path)))
                return nil
            }
            let tree = YAMLComposer.tree(of: text, foreignTags: .asText, &findings)
            // A tree with faults in it would be imported without what they are about.
            return findings.faults.isEmpty ? tree.map { (Item(node: $0, path: .root), isJSON) } : nil
        }
    }
}

/// JSON is YAML but for this: characters beyond 16 bits are escaped as two halves, which YAML does not join.
enum JSONEscapes {
    static func fitForYAML(_ text: String) -> String {
        text.replacing(/\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)/) { match in
            guard let high = match.1.flatMap({ UInt32($0, radix: 16) }),
                let low = match.2.flatMap({ UInt32($0, radix: 16) }),
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            else { return String(match.0) }
            return String(scalar)
        }
    }
}

/// A `jupyterhub_config.py` where its list was meant.
enum PythonSource {
    /// Whether a line sets a trait of the hub as only Python does: at its very beginning, and not inside a block.
    static func looks(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).prefix(2000).contains {
            $0.prefixMatch(of: /(c\.[A-Za-z]+\.[a-z_]+ *=|import [a-z]|from [a-z.]+ import |def [a-z_]+\()/) != nil
        }
    }

    static func fault(_ place: Place) -> Fault {
        Fault(at: place, path: "", what: "is Python, which cannot be read as data", remedy: howToPrint)
    }

    static let howToPrint = """
        Let the hub print its list: add `import json; print(json.dumps(c.KubeSpawner.profile_list, default=repr))` to \
        the end of its configuration, and import what it prints.
        """
}
