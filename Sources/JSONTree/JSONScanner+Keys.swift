// SPDX-License-Identifier: Apache-2.0

extension JSONScanner {
    /// Refuses the object, complete on the tape but for its end, when two keys mean the same after unescaping.
    ///
    /// Up to as many members as there are marks, comparing all pairs is quicker than a set; beyond, it would be
    /// quadratic.
    @inline(__always)
    mutating func refuseDuplicateKeys(of object: Int) throws(JSONError) {
        var count = 0
        var index = object + 1
        while index < tape.count {
            let key = tape[index]
            if count == keyMarks.count || key.hasEscapes { return try refuseDuplicatesBySet(of: object) }
            let mark = mark(of: key)
            // A mark met before is as good as a duplicate; the slow way knows for sure.
            if isMarked(mark, among: count) { return try refuseDuplicatesBySet(of: object) }
            keyMarks.initializeElement(at: count, to: mark)
            count += 1
            index = tape[index + 1].next
        }
    }

    /// No way out in between: so the compiler compares several at a time.
    @inline(__always)
    private func isMarked(_ mark: UInt64, among count: Int) -> Bool {
        var found = false
        for place in 0..<count { found = keyMarks[place] == mark || found }
        return found
    }

    /// Eight bytes that differ when keys differ, but for rare chance.
    ///
    /// Up to eight bytes it is the key itself: no key holds a zero byte, so the length shows too.
    @inline(__always)
    private func mark(of key: TapeEntry) -> UInt64 {
        let content = key.content
        let first = word(at: content.lowerBound, upTo: content.count)
        if content.count <= 8 { return first }
        let last = word(at: content.upperBound - 8, upTo: 8)
        return first &* 0x9E37_79B9_7F4A_7C15 ^ last ^ UInt64(truncatingIfNeeded: content.count)
    }

    /// The first `count` bytes at `place`, at most eight, and zeros after them.
    @inline(__always)
    private func word(at place: Int, upTo count: Int) -> UInt64 {
        guard place + 8 <= source.count else {
            return source.part(place..<place + count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let word = source.word(at: place)
        return count >= 8 ? word : word & (1 << UInt64(truncatingIfNeeded: count * 8) &- 1)
    }

    @inline(never)
    private mutating func refuseDuplicatesBySet(of object: Int) throws(JSONError) {
        var seen: Set<Key> = []
        var index = object + 1
        while index < tape.count {
            let key = tape[index]
            guard seen.insert(self.key(key)).inserted else {
                throw .duplicateKey(offset: Int(key.start), key: self.key(key).text)
            }
            index = tape[index + 1].next
        }
    }

    private func key(_ entry: TapeEntry) -> Key {
        let written = source.part(entry.content)
        return entry.hasEscapes ? .decoded(unescaped(ArraySlice(written))) : .written(written)
    }
}

/// A key by its bytes; hashed with the process's random seed, so that nobody can aim at one bucket.
private enum Key: Hashable {
    /// Without escapes, where it stands in the source.
    case written(UnsafeBufferPointer<UInt8>)
    case decoded([UInt8])

    private func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        switch self {
        case .written(let bytes): body(bytes)
        case .decoded(let bytes): bytes.withUnsafeBufferPointer(body)
        }
    }

    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    static func == (a: Key, b: Key) -> Bool { a.withBytes { a in b.withBytes { b in areSame(a, b) } } }

    func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) } }
}
