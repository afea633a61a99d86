// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a directory holds, read from the LDIF that it was made of: the plainest thing to compare look-ups with.
struct PlainModel {
    struct Entry {
        let dn: String
        var values: [String: [String]] = [:]
        subscript(name: String) -> [String] { values[name] ?? [] }
    }

    let entries: [Entry]

    init(ldif file: String) throws {
        entries = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n\n").compactMap { text in
            var pairs: [(String, String)] = []
            for line in text.split(separator: "\n") {
                guard let colon = line.range(of: ": "), !line.contains(":: ") else { continue }
                pairs.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
            }
            guard let first = pairs.first, first.0 == "dn" else { return nil }
            var entry = Entry(dn: first.1)
            for (name, value) in pairs.dropFirst() { entry.values[name, default: []].append(value) }
            return entry
        }
    }

    /// The groups of a person, by name, with those around them; those of `gid` besides.
    func groups(of user: String, gid: String) -> [String] {
        let dn = "uid=\(user),ou=People,dc=example,dc=org"
        var inside = Set(
            entries.filter { $0["gidNumber"] == [gid] && !$0["cn"].isEmpty && $0["uid"].isEmpty }.map(\.dn))
        inside.insert(dn)
        while true {
            let around = entries.filter { $0["memberUid"].contains(user) || !inside.isDisjoint(with: $0["member"]) }
            let more = inside.union(around.map(\.dn))
            if more == inside { break }
            inside = more
        }
        return entries.filter { inside.contains($0.dn) && $0.dn != dn }.flatMap { $0["cn"] }.sorted()
    }

    func ids(of groups: [String]) -> [Int] {
        entries.filter { $0["cn"].count == 1 && groups.contains($0["cn"][0]) }.flatMap { $0["gidNumber"] }
            .compactMap { Int($0) }.filter { $0 != 20000 }.sorted()
    }
}
