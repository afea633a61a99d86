// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// Merges changes into JSON by the rules of the policy language: mappings key by key, lists entry by entry, null takes
/// away, and a word (`FieldWord`) says where something else is meant.
///
/// A change holds no references any more. Merging the same change again changes nothing.
package struct FieldMerge: Sendable {
    package enum Dialect: Sendable {
        case kubernetes
        /// Traits: null stays, for the hub to delete by.
        case kubeSpawner
    }

    let dialect: Dialect

    package init(_ dialect: Dialect) { self.dialect = dialect }

    /// Entries of lists are Kubernetes' own in either dialect.
    static let entries = FieldMerge(.kubernetes)

    /// - Parameters:
    ///   - key: what the value stands under, which tells its kind of list.
    ///   - pointer: where, for errors.
    /// - Returns: nil when the change takes the value away.
    package func merge(
        _ change: JSON, into old: consuming JSON?, under key: String, at pointer: String
    ) throws(FieldMergeError) -> JSON? {
        if old?.isNull == true { old = nil }
        if let (word, value) = FieldWord.of(change) {
            return try apply(word, value, to: old, under: key, at: pointer)
        }
        switch (change.kind, ListKind(key)) {
        case (.null, _): return nil
        case (.array, .whole): return JSON(try entries(of: change, at: pointer))
        case (.array, .named(let name, let kind)), (.object, .named(let name, let kind)):
            if change.kind == .object, old?.kind == .object { return try mergeObject(change, into: old, at: pointer) }
            let entries = try namedEntries(change, name, under: key, at: pointer)
            return try NamedMerge(name, kind, at: pointer).add(entries, to: old)
        case (.array, .keyed(let parts, let kind)):
            let entries = try entries(of: change, at: pointer)
            return try KeyedMerge(parts, kind, at: pointer).add(entries, to: old)
        case (.array, .plain): return try add(change, to: old, at: pointer, inFront: false)
        case (.object, _): return try mergeObject(change, into: consume old, at: pointer)
        default: return change
        }
    }

    /// Whether the list under `key` has entries with names.
    package static func hasNamedEntries(under key: String) -> Bool {
        if case .named = ListKind(key) { true } else { false }
    }

    /// `change` where nothing was before.
    func fresh(_ change: JSON, under key: String, at pointer: String) throws(FieldMergeError) -> JSON? {
        try merge(change, into: nil, under: key, at: pointer)
    }

    private func mergeObject(
        _ change: JSON, into old: consuming JSON?, at pointer: String
    ) throws(FieldMergeError) -> JSON {
        var merged = old?.object ?? JSONObject()
        // Held by nobody else from here on, so that members are changed in place.
        old = nil
        for (written, value) in change.object ?? JSONObject() {
            let key = FieldWord.unescaped(written)
            var present: JSON? = JSON.null
            swap(&merged[key], &present)
            let inner = try merge(value, into: present.take(), under: key, at: pointer + "/" + key)
            if let inner {
                merged[key] = inner
            } else {
                merged[key] = dialect == .kubeSpawner ? JSON.null : JSON?.none
            }
        }
        return JSON(merged)
    }
}

// MARK: - Lists

extension FieldMerge {
    /// The entries of a list in a change, each as it stands where nothing was before.
    func entries(of change: JSON, at pointer: String) throws(FieldMergeError) -> [JSON] {
        guard let written = change.array else { throw .notAList(pointer) }
        var entries: [JSON] = []
        for (place, entry) in written.enumerated() {
            guard let entry = try Self.entries.fresh(entry, under: "", at: "\(pointer)/\(place)") else { continue }
            entries.append(entry)
        }
        return entries
    }

    func add(
        _ change: JSON, to old: JSON?, at pointer: String, inFront: Bool
    ) throws(FieldMergeError) -> JSON {
        let present = old?.array ?? []
        var known = Set(present.lazy.map(\.canonical))
        let new = try entries(of: change, at: pointer).filter { known.insert($0.canonical).inserted }
        return JSON(inFront ? new + present : present + new)
    }

    /// Entries of a list with names, written as a list or as a mapping from name to the rest; null stands for "none of
    /// this name".
    func namedEntries(
        _ change: JSON, _ name: String, under key: String, at pointer: String
    ) throws(FieldMergeError) -> [NamedEntry] {
        var entries: [NamedEntry] = []
        if let list = change.array {
            for entry in list {
                guard let text = entry[name]?.string else { throw .noName(pointer, name) }
                entries.append(NamedEntry(name: text, value: key == "env" ? entry.withTextValue : entry))
            }
        } else {
            for (written, value) in change.object ?? JSONObject() {
                let text = FieldWord.unescaped(written)
                let (word, value) = try entryWord(value, at: pointer + "/" + text)
                let entry = try named(value, text, name, under: key, at: pointer)
                entries.append(NamedEntry(name: text, value: entry, word: word))
            }
        }
        return entries
    }

    /// Before one entry a word can say that it stands alone, or only where none is.
    private func entryWord(
        _ value: JSON, at pointer: String
    ) throws(FieldMergeError) -> (FieldWord?, JSON) {
        guard let (word, inner) = FieldWord.of(value) else { return (nil, value) }
        guard word.suitsOneEntry else { throw .wordBeforeEntry(pointer, word.rawValue) }
        return (word, inner)
    }

    private func named(
        _ value: JSON, _ variable: String, _ name: String, under key: String, at pointer: String
    ) throws(FieldMergeError) -> JSON? {
        if value.isNull { return nil }
        if key == "env", let text = value.scalarText {
            return JSON(JSONObject((name, JSON(variable)), ("value", JSON(text))))
        }
        guard let members = value.object else { throw .notAnEntry(pointer + "/" + variable) }
        var entry: JSONObject = [name: JSON(variable)]
        for member in members where member.key != name { entry[member.key] = member.value }
        return JSON(entry)
    }
}

/// An entry of a list with names; no value takes it off.
struct NamedEntry {
    let name: String
    let value: JSON?
    /// How it meets the one of its name, where that is not what its kind of list has.
    var word: FieldWord?
}

extension JSON {
    /// With the members of every object in one order, so that equal ones are equal however they were written.
    fileprivate var canonical: JSON {
        switch kind {
        case .array: JSON((array ?? []).map(\.canonical))
        case .object:
            JSON(
                JSONObject(
                    uniqueMembers: (object ?? JSONObject()).sorted { $0.key < $1.key }.map {
                        ($0.key, $0.value.canonical)
                    }))
        default: self
        }
    }

    /// A scalar as the text that an environment variable has.
    var scalarText: String? {
        switch kind {
        case .string: string
        case .number: numberSpelling
        case .bool: bool == true ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A variable whose value is a text, whatever scalar it was.
    fileprivate var withTextValue: JSON {
        guard let value = self["value"], value.string == nil, let text = value.scalarText else { return self }
        var variable = self
        variable["value"] = JSON(text)
        return variable
    }
}
