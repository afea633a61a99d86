// SPDX-License-Identifier: Apache-2.0

extension JSONPatch {
    /// A patch that makes `to` of `from`, member order included.
    ///
    /// Small where the change is: members that stay are gone into, and in arrays only what lies between the common
    /// beginning and the common end. It does not look for moved values, and a member that changes its place among
    /// the others is removed and added.
    package init(from: JSON, to: JSON) {
        var difference = Difference()
        difference.compare(from, to, at: JSONPointer(tokens: []))
        self.init(operations: difference.operations)
    }
}

/// Collects operations while walking two documents side by side.
private struct Difference {
    var operations: [JSONPatch.Operation] = []

    mutating func compare(_ from: JSON, _ to: JSON, at path: JSONPointer) {
        if from == to { return }
        let before = operations.count
        switch (from.kind, to.kind) {
        case (.object, .object): compare(from.object!, to.object!, at: path)
        case (.array, .array): compare(from.array!, to.array!, at: path)
        default: return operations.append(.replace(path, to))
        }
        let inPlace = operations[before...].reduce(0) { $0 + $1.sizeGuess }
        let whole = JSONPatch.Operation.replace(path, to)
        if whole.sizeGuess < inPlace { operations.replaceSubrange(before..., with: [whole]) }
    }

    /// New members go to the end, so only members that begin `to` in the order of `from` can stay.
    private mutating func compare(_ from: JSONObject, _ to: JSONObject, at path: JSONPointer) {
        let kept = placesKept(from, to)
        let stays = Set(kept)
        for (place, member) in from.members.enumerated() where !stays.contains(place) {
            operations.append(.remove(path.appending(member.key)))
        }
        for (old, new) in zip(kept, to.members) {
            compare(from.members[old].value, new.value, at: path.appending(new.key))
        }
        for member in to.members[kept.count...] {
            operations.append(.add(path.appending(member.key), member.value))
        }
    }

    /// Where the first members of `to` stand in `from`, as long as their order is the same.
    private func placesKept(_ from: JSONObject, _ to: JSONObject) -> [Int] {
        let places = from.places
        var kept: [Int] = []
        for member in to.members {
            guard let place = places[ExactKey(text: member.key)], place > kept.last ?? -1 else { break }
            kept.append(place)
        }
        return kept
    }

    private mutating func compare(_ from: [JSON], _ to: [JSON], at path: JSONPointer) {
        let start = zip(from, to).prefix { $0 == $1 }.count
        let most = min(from.count, to.count) - start
        let tail = zip(from.reversed(), to.reversed()).prefix(most).prefix { $0 == $1 }.count
        let (fromEnd, toEnd) = (from.count - tail, to.count - tail)
        let paired = min(fromEnd, toEnd)

        for index in start..<paired { compare(from[index], to[index], at: path.appending(String(index))) }
        // Backwards, so that the indexes that are still to be removed stay what they are.
        for index in (paired..<fromEnd).reversed() { operations.append(.remove(path.appending(String(index)))) }
        for index in paired..<toEnd { operations.append(.add(path.appending(String(index)), to[index])) }
    }
}

extension JSONPatch.Operation {
    /// About how many bytes the operation takes; enough to compare two ways.
    fileprivate var sizeGuess: Int {
        let words = 32 + path.tokens.reduce(0) { $0 + $1.utf8.count + 1 }
        return switch self {
        case .add(_, let value), .replace(_, let value), .test(_, let value): words + value.sizeGuess
        case .remove, .move, .copy: words
        }
    }
}
