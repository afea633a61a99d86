// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// Whether both are equal as RFC 6902 section 4.6 has it for `test`: numbers by value, members in any order.
    package func isEquivalent(to other: JSON) -> Bool {
        if isSpelledLike(other) { return true }
        guard kind == other.kind else { return false }
        return switch kind {
        case .null: true
        case .bool: bool == other.bool
        case .number: JSON.areEquivalentNumbers(numberSpelling!, other.numberSpelling!)
        case .string: string!.isExactly(other.string!)
        case .array: JSON.areEquivalent(array!, other.array!)
        case .object: JSON.areEquivalent(object!, other.object!)
        }
    }

    private static func areEquivalentNumbers(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard let a = Decimal(spelling: a), let b = Decimal(spelling: b) else { return false }
        return a == b
    }

    /// Whether this number is below the other by value, never rounded; nil where one of them is no number, or has an
    /// exponent beyond 10^18.
    package func isBelow(_ other: JSON) -> Bool? {
        guard let mine = numberSpelling.flatMap(Decimal.init), let others = other.numberSpelling.flatMap(Decimal.init)
        else { return nil }
        return mine < others
    }

    /// Up to so many, a look at each is quicker than a dictionary.
    private static let fewMembers = 16

    private static func areEquivalent(_ a: [JSON], _ b: [JSON]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.isEquivalent(to: $1) }
    }

    private static func areEquivalent(_ a: JSONObject, _ b: JSONObject) -> Bool {
        guard a.count == b.count else { return false }
        if a.count <= fewMembers {
            return a.members.allSatisfy { member in b[member.key].map(member.value.isEquivalent) ?? false }
        }
        let places = b.places
        return a.members.allSatisfy { member in
            guard let place = places[ExactKey(text: member.key)] else { return false }
            return member.value.isEquivalent(to: b.members[place].value)
        }
    }
}

extension JSONObject {
    /// Where each key stands, for many look-ups in a large object.
    var places: [ExactKey: Int] {
        Dictionary(uniqueKeysWithValues: members.enumerated().map { (ExactKey(text: $1.key), $0) })
    }
}
