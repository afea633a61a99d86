// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Merges entries into a list that several of their members tell apart: ports, tolerations.
struct KeyedMerge {
    let parts: [ListKind.KeyPart]
    let kind: ListKind.NamedEntries
    let pointer: String

    init(_ parts: [ListKind.KeyPart], _ kind: ListKind.NamedEntries, at pointer: String) {
        self.parts = parts
        self.kind = kind
        self.pointer = pointer
    }

    /// `old` with each entry in place of the one of its key, or behind all. An entry without a key, such as a port of a
    /// Service, is added unless it stands there.
    func add(_ entries: [JSON], to old: JSON?, inFront: Bool = false) throws(FieldMergeError) -> JSON {
        var present = old?.array ?? []
        var new: [JSON] = []
        for (index, entry) in entries.enumerated() {
            if let place = place(of: entry, in: present) {
                present[place] = try merged(entry, into: present[place], index)
            } else if let place = place(of: entry, in: new) {
                new[place] = try merged(entry, into: new[place], index)
            } else {
                new.append(entry)
            }
        }
        return JSON(inFront ? new + present : present + new)
    }

    func place(of entry: JSON, in list: [JSON]) -> Int? {
        guard let key = key(of: entry) else { return list.firstIndex { $0.isEquivalent(to: entry) } }
        return list.firstIndex { self.key(of: $0) == key }
    }

    private func merged(_ entry: JSON, into old: JSON, _ index: Int) throws(FieldMergeError) -> JSON {
        if kind == .replace { return entry.isEquivalent(to: old) ? old : entry }
        return try FieldMerge.entries.merge(entry, into: old, under: "", at: "\(pointer)/\(index)") ?? old
    }

    /// Nil for an entry that lacks a member without which it has none.
    private func key(of entry: JSON) -> [String]? {
        guard entry.kind == .object else { return nil }
        var key: [String] = []
        for part in parts {
            guard let value = entry[part.member]?.scalarText ?? part.absent else { return nil }
            key.append(value)
        }
        return key
    }
}
