// SPDX-License-Identifier: Apache-2.0

extension JSON: Hashable {
    package static func == (a: JSON, b: JSON) -> Bool {
        if a.isSpelledLike(b) { return true }
        let kind = a.kind
        guard kind == b.kind else { return false }
        return switch kind {
        case .null: true
        case .bool: a.bool == b.bool
        case .number: a.numberSpelling == b.numberSpelling
        case .string: a.string!.isExactly(b.string!)
        case .array: a.array! == b.array!
        case .object: a.object! == b.object!
        }
    }

    package func hash(into hasher: inout Hasher) {
        let kind = kind
        hasher.combine(kind)
        switch kind {
        case .null: break
        case .bool: hasher.combine(bool)
        case .number: hasher.combine(numberSpelling)
        case .string: hasher.combine(ExactKey(text: string!))
        case .array: hasher.combine(array!)
        case .object: hasher.combine(object!)
        }
    }
}

extension JSON {
    /// Both are parsed, and of the same bytes: most comparisons are of such, and need no look inside.
    package func isSpelledLike(_ other: JSON) -> Bool {
        guard case (.slice(let first), .slice(let second)) = (storage, other.storage) else { return false }
        if first.isIdentical(to: second) { return true }
        let (mine, theirs) = (first.range, second.range)
        guard mine.count == theirs.count else { return false }
        return first.source.view { a in
            second.source.view { b in
                areSame(.init(rebasing: a.bytes[mine]), .init(rebasing: b.bytes[theirs]))
            }
        }
    }
}

extension JSONObject: Hashable {
    package static func == (a: JSONObject, b: JSONObject) -> Bool { a.members == b.members }
    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject.Member: Hashable {
    static func == (a: Self, b: Self) -> Bool { a.key.isExactly(b.key) && a.value == b.value }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ExactKey(text: key))
        hasher.combine(value)
    }
}
