// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One entry of a list, with the name by which it is found.
struct NamedEntry: Sendable, Hashable {
    let name: String
    let json: JSON
}

/// A list of objects that one member tells apart: Kubernetes' merge key, such as a volume's `name`.
///
/// The list stays as it was parsed; what is replaced, removed or added stands aside until `json` is asked for.
struct NamedList {
    private let list: JSON
    private let names: JSONNames
    /// What stands in place of the parsed entry at `place`; nil for one that was removed.
    private var changes: [(place: Int, entry: JSON?)] = []
    private var added: [NamedEntry] = []

    /// Absent and null give an empty list.
    ///
    /// - Parameter key: the member by which entries are found.
    init(_ json: JSON?, key: String, at pointer: @autoclosure () -> String) throws(PodPatchError) {
        switch json?.kind {
        case nil, .null: self.list = .emptyArray
        case .array: self.list = json ?? .emptyArray
        default: throw .malformed(pointer: pointer(), expected: "a list")
        }
        self.names = JSONNames(json, member: key)
    }

    var isChanged: Bool { !changes.isEmpty || !added.isEmpty }

    var json: JSON { kept.appending(added.map(\.json)) }

    /// The parsed list with what was changed in it.
    private var kept: JSON {
        guard !changes.isEmpty else { return list }
        var kept = list
        for (place, entry) in changes.sorted(by: { $0.place > $1.place }) { kept[place] = entry }
        return kept
    }

    func contains(_ name: String) -> Bool { firstPlace(of: name) != nil || addedPlace(of: name) != nil }

    /// One has a name of these, or such a name and one more letter: a path with a slash at its end.
    func containsAny(of entries: [NamedEntry], orWith letter: UInt8) -> Bool {
        for index in entries.indices {
            let name = entries[index].name
            if names.contains(name, orWith: letter) || addedPlace(of: name) != nil { return true }
        }
        return false
    }

    func first(_ name: String) -> JSON? {
        if let place = firstPlace(of: name) { return entry(at: place) }
        return addedPlace(of: name).map { added[$0].json }
    }

    /// The entry of that name, or of that name and one more letter: of a path with a slash at its end.
    func first(_ name: String, orWith letter: UInt8) -> JSON? {
        first(name) ?? names.firstIndex(of: name, followedBy: letter).flatMap { entry(at: $0) }
    }

    /// Adds `entry` at the end.
    mutating func append(_ entry: JSON, named name: String) {
        // Most lists get some more.
        if added.isEmpty { added.reserveCapacity(8) }
        added.append(NamedEntry(name: name, json: entry))
    }

    mutating func append(contentsOf entries: [NamedEntry]) { added += entries }

    /// Puts `entry` where the first of that name stands, or at the end, and removes all others of that name; gives the
    /// entries that this replaced. One that says the same stays as it is.
    mutating func keepOnly(_ entry: JSON, named name: String) -> [JSON] {
        let places = places(of: name)
        guard let place = places.first, let present = self.entry(at: place) else {
            let replaced = removeAdded(name)
            append(entry, named: name)
            return replaced.filter { !$0.isEquivalent(to: entry) }
        }
        let removed = remove(places.dropFirst()) + removeAdded(name)
        if present.isEquivalent(to: entry) { return removed }
        change(place, to: entry)
        return [present] + removed
    }

    /// Gives what was removed, in its order.
    mutating func removeAll(_ name: String) -> [JSON] {
        let places = places(of: name)
        return remove(places[...]) + removeAdded(name)
    }

    private func firstPlace(of name: String) -> Int? {
        changes.isEmpty ? names.firstIndex(of: name) : places(of: name).first
    }

    private func addedPlace(of name: String) -> Int? {
        let count = name.utf8.count
        for place in added.indices where added[place].name.utf8.count == count {
            if added[place].name.isExactly(name) { return place }
        }
        return nil
    }

    /// Where the parsed list has the name, without what was removed.
    private func places(of name: String) -> [Int] {
        let places = names.indices(of: name)
        return changes.isEmpty ? places : places.filter { entry(at: $0) != nil }
    }

    private func entry(at place: Int) -> JSON? {
        if let change = changes.first(where: { $0.place == place }) { return change.entry }
        return list[place]
    }

    private mutating func change(_ place: Int, to entry: JSON?) {
        changes.removeAll { $0.place == place }
        changes.append((place, entry))
    }

    private mutating func remove(_ places: ArraySlice<Int>) -> [JSON] {
        let removed = places.compactMap { entry(at: $0) }
        for place in places { change(place, to: nil) }
        return removed
    }

    private mutating func removeAdded(_ name: String) -> [JSON] {
        guard addedPlace(of: name) != nil else { return [] }
        let removed = added.filter { $0.name.isExactly(name) }.map(\.json)
        added.removeAll { $0.name.isExactly(name) }
        return removed
    }
}
