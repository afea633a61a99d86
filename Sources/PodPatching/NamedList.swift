// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A list of objects that one member tells apart: Kubernetes' merge key, such as a volume's `name`.
struct NamedList {
    private(set) var entries: [JSON]
    private var names: [String]
    private(set) var isChanged = false

    /// - Parameter key: the member that every entry must have.
    init(_ json: JSON?, key: String, at pointer: @autoclosure () -> String) throws(PodPatchError) {
        self.entries = try PodPatching.entries(of: json, at: pointer())
        self.names = []
        names.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            guard let name = entry[key]?.string else {
                throw .malformed(pointer: "\(pointer())/\(index)/\(key)", expected: "a string")
            }
            names.append(name)
        }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    func first(_ name: String) -> JSON? { names.firstIndex(of: name).map { entries[$0] } }

    func first(where matches: (String) -> Bool) -> JSON? { names.firstIndex(where: matches).map { entries[$0] } }

    /// Adds `entry` at the end.
    mutating func append(_ entry: JSON, named name: String) {
        entries.append(entry)
        names.append(name)
        isChanged = true
    }

    /// Puts `entry` where the first of that name stands, or at the end, and removes all others of that name; gives the
    /// entries that this replaced. One that says the same stays as it is.
    mutating func keepOnly(_ entry: JSON, named name: String) -> [JSON] {
        guard let place = names.firstIndex(of: name) else {
            append(entry, named: name)
            return []
        }
        var replaced = removeAll(name, after: place)
        if !entries[place].isEquivalent(to: entry) {
            replaced.insert(entries[place], at: 0)
            entries[place] = entry
            isChanged = true
        }
        return replaced
    }

    /// Gives what was removed.
    mutating func removeAll(_ name: String) -> [JSON] { removeAll(name, after: -1) }

    private mutating func removeAll(_ name: String, after place: Int) -> [JSON] {
        var removed: [JSON] = []
        for index in names.indices.reversed() where index > place && names[index] == name {
            removed.append(entries.remove(at: index))
            names.remove(at: index)
            isChanged = true
        }
        return removed
    }
}
