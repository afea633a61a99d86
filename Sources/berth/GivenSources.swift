// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Configuration
import Identity
import JSONTree
import SpawnModel

/// What `berth explain` is told that directory and look-ups say: it asks nobody.
struct GivenSources {
    private(set) var added = AddedClaims()
    /// One line a source: from where, or that nothing is known of it.
    private(set) var words = ""

    init(_ pairs: [String], of site: Site) throws {
        var files: [String: String] = [:]
        let names = [site.directory?.claim].compactMap { $0 } + site.lookUps.map(\.terms.name)
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("`\(pair)` is not CLAIM=FILE.") }
            guard names.contains(parts[0]) else {
                let known = names.isEmpty ? "The file has none." : "Known: \(names.joined(separator: ", "))."
                throw ValidationError("`\(parts[0])` is no claim of a directory or look-up. \(known)")
            }
            files[parts[0]] = parts[1]
        }
        for name in names { try add(name, files[name], site.directory.flatMap { $0.claim == name ? $0 : nil }) }
    }

    private mutating func add(_ name: String, _ file: String?, _ directory: DirectorySource?) throws {
        let value = try file.map { try JSONFile.read($0) }
        added.add(value, as: name)
        let gap = String(repeating: " ", count: max(1, 14 - name.count))
        words +=
            "\n\(name):\(gap)\(file.map { "from \($0)" } ?? "not asked, so unknown; --source \(name)=FILE says it")"
        guard let directory else { return }
        added.posix = value?.posix
        if directory.addsGroups {
            added.add(groups: value.map { $0["groups"]?.array?.compactMap(\.string) ?? [] })
        }
    }
}

extension JSON {
    /// As the directory's claim has it.
    fileprivate var posix: PosixIdentity? {
        guard let uid = self["uid"]?.int, let gid = self["gid"]?.int else { return nil }
        return PosixIdentity(
            uid: uid, gid: gid, supplementalGroups: self["supplemental_groups"]?.array?.compactMap(\.int) ?? [])
    }
}
