// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Merges entries into a list whose entries have names.
struct NamedMerge {
    let name: String
    let kind: ListKind.NamedEntries
    let pointer: String

    init(_ name: String, _ kind: ListKind.NamedEntries, at pointer: String) {
        self.name = name
        self.kind = kind
        self.pointer = pointer
    }

    /// `old` with each entry in place of the one of its name, or behind all.
    func add(_ entries: [NamedEntry], to old: JSON?, inFront: Bool = false) throws(FieldMergeError) -> JSON {
        let present = list(old)
        var merged = present.map { Optional($0) }
        var places: [String: Int] = [:]
        for (place, entry) in present.enumerated() {
            if let name = entry[name]?.string, places[name] == nil { places[name] = place }
        }
        var new: [JSON?] = []
        for entry in entries {
            let place = places[entry.name]
            let before = place.flatMap { $0 < merged.count ? merged[$0] : new[$0 - merged.count] }
            let value = try merge(entry, into: before)
            if let place {
                if place < merged.count { merged[place] = value } else { new[place - merged.count] = value }
            } else if let value {
                places[entry.name] = merged.count + new.count
                new.append(value)
            }
        }
        let (stay, come) = (merged.compactMap(\.self), new.compactMap(\.self))
        return JSON(inFront ? come + stay : stay + come)
    }

    private func merge(_ entry: NamedEntry, into old: JSON?) throws(FieldMergeError) -> JSON? {
        if entry.word == .standard, let old { return old }
        guard let value = entry.value else { return nil }
        let place = pointer + "/" + entry.name
        let standsAlone = entry.word == .replace || kind == .replace
        return try FieldMerge.entries.merge(value, into: standsAlone ? nil : old, under: "", at: place)
    }

    /// KubeSpawner takes such lists as mappings too, in the order of their keys.
    private func list(_ old: JSON?) -> [JSON] {
        if let list = old?.array { return list }
        return (old?.object ?? JSONObject()).sorted { $0.key < $1.key }.map(\.value)
    }
}
