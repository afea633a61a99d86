// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A list of objects that one member tells apart: Kubernetes' merge key, such as a volume's `name`.
///
/// The list stays as it was parsed until an entry of it is replaced or removed; what is added stands aside.
struct NamedList {
    private var list: JSON
    private let isEmptyAtFirst: Bool
    private var added: [(name: String, entry: JSON)] = []
    private var isReplaced = false
    private let key: String

    /// Absent and null give an empty list.
    ///
    /// - Parameter key: the member by which entries are found.
    init(_ json: JSON?, key: String, at pointer: @autoclosure () -> String) throws(PodPatchError) {
        switch json?.kind {
        case nil, .null: self.list = .emptyArray
        case .array: self.list = json ?? .emptyArray
        default: throw .malformed(pointer: pointer(), expected: "a list")
        }
        self.key = key
        self.isEmptyAtFirst = list[0] == nil
    }

    var isChanged: Bool { isReplaced || !added.isEmpty }

    var json: JSON {
        guard !added.isEmpty else { return list }
        return JSON((list.array ?? []) + added.map(\.entry))
    }

    func contains(_ name: String) -> Bool { first(name) != nil }

    func first(_ name: String) -> JSON? {
        if let index = places(of: name).first { return list[index] }
        return added.first { $0.name == name }?.entry
    }

    /// Adds `entry` at the end.
    mutating func append(_ entry: JSON, named name: String) { added.append((name, entry)) }

    /// Puts `entry` where the first of that name stands, or at the end, and removes all others of that name; gives the
    /// entries that this replaced. One that says the same stays as it is.
    mutating func keepOnly(_ entry: JSON, named name: String) -> [JSON] {
        let places = places(of: name)
        guard let place = places.first, let present = list[place] else {
            let replaced = removeAdded(name)
            append(entry, named: name)
            return replaced.filter { !$0.isEquivalent(to: entry) }
        }
        let removed = remove(places.dropFirst()) + removeAdded(name)
        if present.isEquivalent(to: entry) { return removed }
        list[place] = entry
        isReplaced = true
        return [present] + removed
    }

    /// Gives what was removed, in its order.
    mutating func removeAll(_ name: String) -> [JSON] {
        let places = places(of: name)
        return remove(places[...]) + removeAdded(name)
    }

    private func places(of name: String) -> [Int] {
        isEmptyAtFirst ? [] : list.indices(whereMember: key, is: name)
    }

    private mutating func remove(_ places: ArraySlice<Int>) -> [JSON] {
        guard !places.isEmpty else { return [] }
        let removed = places.compactMap { list[$0] }
        for place in places.reversed() { list[place] = nil }
        isReplaced = true
        return removed
    }

    private mutating func removeAdded(_ name: String) -> [JSON] {
        guard added.contains(where: { $0.name == name }) else { return [] }
        let removed = added.filter { $0.name == name }.map(\.entry)
        added.removeAll { $0.name == name }
        return removed
    }
}
