// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension FieldMerge {
    func apply(
        _ word: FieldWord, _ value: JSON, to old: JSON?, under key: String, at pointer: String
    ) throws(FieldMergeError) -> JSON? {
        switch word {
        case .append: try addList(value, to: old, under: key, at: pointer, inFront: false)
        case .prepend: try addList(value, to: old, under: key, at: pointer, inFront: true)
        case .replace: try fresh(value, under: key, at: pointer)
        case .remove: try remove(value, from: old, under: key, at: pointer)
        case .standard: if let old { old } else { try fresh(value, under: key, at: pointer) }
        case .max: try extreme(of: value, and: old, under: key, at: pointer) { $0 < $1 }
        case .min: try extreme(of: value, and: old, under: key, at: pointer) { $1 < $0 }
        }
    }

    private func addList(
        _ value: JSON, to old: JSON?, under key: String, at pointer: String, inFront: Bool
    ) throws(FieldMergeError) -> JSON? {
        if case .keyed(let parts, let kind) = ListKind(key), value.kind == .array {
            let entries = try entries(of: value, at: pointer)
            return try KeyedMerge(parts, kind, at: pointer).add(entries, to: old, inFront: inFront)
        }
        guard case .named(let name, let kind) = ListKind(key), value.kind == .array || value.kind == .object else {
            return try add(value, to: old, at: pointer, inFront: inFront)
        }
        let entries = try namedEntries(value, name, under: key, at: pointer)
        return try NamedMerge(name, kind, at: pointer).add(entries, to: old, inFront: inFront)
    }

    /// Entries by name or by value, members by key.
    private func remove(
        _ value: JSON, from old: JSON?, under key: String, at pointer: String
    ) throws(FieldMergeError) -> JSON? {
        guard let unwanted = value.array else { throw .notAList(pointer) }
        let values = Set(unwanted)
        if var object = old?.object {
            for key in unwanted.compactMap(\.string) {
                object[key] = dialect == .kubeSpawner ? JSON.null : JSON?.none
            }
            return JSON(object)
        }
        guard let present = old?.array else { return old }
        if case .keyed(let parts, let kind) = ListKind(key) {
            let merge = KeyedMerge(parts, kind, at: pointer)
            return JSON(present.filter { merge.place(of: $0, in: unwanted) == nil })
        }
        var name: String?
        if case .named(let key, _) = ListKind(key) { name = key }
        return JSON(
            present.filter { entry in
                if let name, let own = entry[name], values.contains(JSON(own.string ?? "")) { return false }
                return !values.contains(entry)
            })
    }

    private func extreme(
        of value: JSON, and old: JSON?, under key: String, at pointer: String,
        _ isBetter: (Quantity, Quantity) -> Bool
    ) throws(FieldMergeError) -> JSON {
        guard let new = Self.quantity(value, under: key) else { throw .notComparable(pointer, value.scalarText ?? "") }
        guard let old else { return value }
        guard let present = Self.quantity(old, under: key) else { throw .notComparable(pointer, old.scalarText ?? "") }
        return isBetter(present, new) ? value : old
    }

    /// KubeSpawner's two sizes of memory have units of their own; everything else is Kubernetes'.
    static func quantity(_ json: JSON, under key: String) -> Quantity? {
        guard let spelling = json.string ?? json.numberSpelling else { return nil }
        return isKubeSpawnerSize(key) ? Quantity(kubeSpawner: spelling) : Quantity(spelling)
    }

    package static func isKubeSpawnerSize(_ key: String) -> Bool { key == "mem_limit" || key == "mem_guarantee" }
}
