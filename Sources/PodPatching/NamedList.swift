// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Entries of a list, each with the name by which it is found.
struct NamedEntries: Sendable, Hashable {
    private(set) var names: [String] = []
    private(set) var json: [JSON] = []
    /// All entries as one parsed array, while they are those that were packed together.
    private var packed: JSON?

    init() {}

    /// Many that are used again and again: they are packed, each and together.
    init(_ entries: [(name: String, json: JSON)]) {
        names = entries.map(\.name)
        json = entries.map(\.json.packed)
        packed = JSON(json).packed
    }

    /// An array.
    var list: JSON { packed ?? JSON(json) }

    var isEmpty: Bool { names.isEmpty }

    func place(of name: String) -> Int? {
        let count = name.utf8.count
        for place in names.indices where names[place].utf8.count == count && names[place].isExactly(name) {
            return place
        }
        return nil
    }

    mutating func append(_ entry: consuming JSON, named name: consuming String) {
        // Most lists get some more.
        if isEmpty {
            names.reserveCapacity(8)
            json.reserveCapacity(8)
        }
        names.append(name)
        json.append(entry)
        packed = nil
    }

    mutating func append(_ others: NamedEntries) {
        if isEmpty {
            self = others
        } else {
            names += others.names
            json += others.json
            packed = nil
        }
    }

    /// Gives what was removed, in its order.
    mutating func removeAll(_ name: String) -> [JSON] {
        var removed: [JSON] = []
        while let place = place(of: name) {
            packed = nil
            names.remove(at: place)
            removed.append(json.remove(at: place))
        }
        return removed
    }
}

/// A list of objects that one member tells apart: Kubernetes' merge key, such as a volume's `name`.
///
/// The list stays as it was parsed; what is replaced, removed or added stands aside until `json` is asked for.
struct NamedList {
    /// There was no such list, not even null.
    let isAbsent: Bool
    private var parsed: JSONNames
    private var changes: [Change] = []
    private var added = NamedEntries()

    /// What stands in place of a parsed entry.
    private struct Change {
        let place: Int
        /// Nil for one that was removed.
        let entry: JSON?
    }

    /// - Parameters:
    ///   - json: anything but an array gives an empty list.
    ///   - key: the member by which entries are found.
    @inline(__always)
    init(_ json: JSON?, key: StaticString) {
        // Not by `==`, which takes a copy of what it compares with nil.
        if case nil = json { self.isAbsent = true } else { self.isAbsent = false }
        self.parsed = JSONNames(json, member: key)
    }

    var isChanged: Bool { !changes.isEmpty || !added.isEmpty }

    var json: JSON {
        guard let list = parsed.list else { return added.list }
        return (changes.isEmpty ? list : kept(of: list)).appending(allOf: added.list)
    }

    /// The parsed list with what was changed in it.
    private func kept(of list: JSON) -> JSON {
        var kept = list
        for change in changes.sorted(by: { $0.place > $1.place }) { kept[change.place] = change.entry }
        return kept
    }

    mutating func contains(_ name: String) -> Bool { firstPlace(of: name) != nil || added.place(of: name) != nil }

    /// One has a name of these, or such a name and `letter`: a path with a slash at its end.
    func containsAny(of names: [String], orWith letter: UInt8? = nil) -> Bool {
        if parsed.containsAny(of: names, orWith: letter) { return true }
        return !added.isEmpty && names.contains { added.place(of: $0) != nil }
    }

    mutating func first(_ name: String) -> JSON? {
        if let place = firstPlace(of: name) { return entry(at: place) }
        return added.place(of: name).map { added.json[$0] }
    }

    /// The entry of that name, or of that name and one more letter: of a path with a slash at its end.
    mutating func first(_ name: String, orWith letter: UInt8) -> JSON? {
        if let entry = first(name) { return entry }
        return parsed.firstIndex(of: name, followedBy: letter).flatMap { entry(at: $0) }
    }

    /// Adds `entry` at the end.
    mutating func append(_ entry: consuming JSON, named name: consuming String) { added.append(entry, named: name) }

    mutating func append(_ entries: NamedEntries) { added.append(entries) }

    /// Puts `entry` where the first of that name stands, or at the end, and removes all others of that name; gives the
    /// entries that this replaced. One that says the same stays as it is.
    mutating func keepOnly(_ entry: JSON, named name: String) -> [JSON] {
        guard contains(name) else {
            append(entry, named: name)
            return []
        }
        let places = places(of: name)
        guard let place = places.first, let present = self.entry(at: place) else {
            let replaced = added.removeAll(name)
            append(entry, named: name)
            return replaced.filter { !$0.isEquivalent(to: entry) }
        }
        let removed = remove(places.dropFirst()) + added.removeAll(name)
        if present.isEquivalent(to: entry) { return removed }
        change(place, to: entry)
        return [present] + removed
    }

    /// Gives what was removed, in its order.
    mutating func removeAll(_ name: String) -> [JSON] {
        let places = places(of: name)
        return remove(places[...]) + added.removeAll(name)
    }

    private mutating func firstPlace(of name: String) -> Int? {
        changes.isEmpty ? parsed.firstIndex(of: name) : places(of: name).first
    }

    /// Where the parsed list has the name, without what was removed.
    private mutating func places(of name: String) -> [Int] {
        let places = parsed.indices(of: name)
        return changes.isEmpty ? places : places.filter { entry(at: $0) != nil }
    }

    private func entry(at place: Int) -> JSON? {
        if let change = changes.first(where: { $0.place == place }) { return change.entry }
        return parsed.list?[place]
    }

    private mutating func change(_ place: Int, to entry: JSON?) {
        changes.removeAll { $0.place == place }
        changes.append(Change(place: place, entry: entry))
    }

    private mutating func remove(_ places: ArraySlice<Int>) -> [JSON] {
        let removed = places.compactMap { entry(at: $0) }
        for place in places { change(place, to: nil) }
        return removed
    }
}

/// A list, absent or null; for members whose entries are read later.
func requireList(_ json: JSON?, at pointer: @autoclosure () -> String) throws(PodPatchError) {
    switch json?.kind {
    case nil, .null, .array: break
    default: throw .malformed(pointer: pointer(), expected: "a list")
    }
}
