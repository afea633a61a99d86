// SPDX-License-Identifier: Apache-2.0

/// Refuses an object, complete on the tape but for its end, when two of its keys mean the same after unescaping.
///
/// In three steps, each for what the one before cannot tell.
struct KeyCheck {
    let source: ByteView
    let tape: TapeBuilder

    /// Keys of different lengths differ, which settles most small objects.
    @inline(__always)
    func refuseDuplicates(in object: Int) throws(JSONError) {
        var seen: UInt64 = 0
        var index = object &+ 1
        while index < tape.count {
            let key = tape[index]
            let length: UInt64 = 1 &<< UInt64(key.end &- key.start)
            if seen & length != 0 || key.hasEscapes { return try refuseDuplicatesByMark(in: object) }
            seen |= length
            index = tape[index &+ 1].next
        }
    }

    /// Up to so many members, comparing all pairs is quicker than a set; beyond, it would be quadratic.
    private static var fewMembers: Int { 32 }

    @inline(never)
    private func refuseDuplicatesByMark(in object: Int) throws(JSONError) {
        let areDistinct = withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.fewMembers) { room in
            haveDistinctMarks(in: object, room: room)
        }
        // A mark met before is as good as a duplicate; the slow way knows for sure.
        if !areDistinct { try refuseDuplicatesBySet(in: object) }
    }

    /// False as well when there are more members than `room`, and when a key has escapes.
    @inline(__always)
    private func haveDistinctMarks(in object: Int, room marks: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        var count = 0
        var index = object &+ 1
        while index < tape.count {
            let key = tape[index]
            if count == marks.count || key.hasEscapes { return false }
            let mark = mark(of: key)
            // No way out in between: so the compiler compares several at a time.
            var isKnown = false
            for place in 0..<count { isKnown = marks[place] == mark || isKnown }
            if isKnown { return false }
            marks.initializeElement(at: count, to: mark)
            count &+= 1
            index = tape[index &+ 1].next
        }
        return true
    }

    /// Eight bytes that differ when keys differ, but for long keys of one length with the same end.
    ///
    /// They are the last of the key. A short one comes with its opening quote and zeros, so that its length shows too.
    @inline(__always)
    private func mark(of key: TapeEntry) -> UInt64 {
        let end = Int(key.end) &- 1
        let count = end &- Int(key.start)
        // Only the first key of a text can stand before its ninth byte.
        let word = end >= 8 ? source.word(at: end &- 8) : source.word(endingAt: end)
        return count < 8 ? word &>> UInt64(64 &- 8 &* count) : word &+ UInt64(count)
    }

    @inline(never)
    private func refuseDuplicatesBySet(in object: Int) throws(JSONError) {
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
