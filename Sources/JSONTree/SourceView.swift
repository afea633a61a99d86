// SPDX-License-Identifier: Apache-2.0

/// A source where it stands in memory, for walks along its tape that compare keys: nothing is retained or copied on
/// the way. Bounds are checked in the debug build.
struct SourceView {
    let tape: UnsafeBufferPointer<TapeEntry>
    let bytes: UnsafeBufferPointer<UInt8>

    /// The first byte of the value at `index` of the tape, which tells its kind.
    @inline(__always)
    func opening(_ index: Int) -> UInt8 { bytes[Int(tape[index].start)] }

    /// Where the member's value stands on the tape; `index` is that of an object. Linear in the members.
    @inline(__always)
    func member(_ key: UnsafeBufferPointer<UInt8>, of index: Int) -> Int? {
        let end = tape[index].next
        var at = index + 1
        while at < end {
            if isText(key, tape[at]) { return at + 1 }
            at = tape[at + 1].next
        }
        return nil
    }

    /// Where the last element or member of the array or object at `index` ends; behind its bracket when there is none.
    func endOfLast(in index: Int) -> Int {
        var end = Int(tape[index].end) - 1
        while bytes[end - 1] <= Byte.space { end -= 1 }
        return end
    }

    /// Whether the string, or key, that `entry` stands for has exactly these code points.
    @inline(__always)
    func isText(_ wanted: UnsafeBufferPointer<UInt8>, _ entry: TapeEntry) -> Bool {
        if entry.hasEscapes { return isEscapedText(wanted, entry) }
        let (start, end) = (Int(entry.start) &+ 1, Int(entry.end) &- 1)
        guard end &- start == wanted.count, let first = bytes.baseAddress else { return false }
        return areSame(UnsafeBufferPointer(start: first + start, count: wanted.count), wanted)
    }

    /// The same for the text with one more byte of ASCII.
    func isText(_ wanted: UnsafeBufferPointer<UInt8>, followedBy byte: UInt8, _ entry: TapeEntry) -> Bool {
        if entry.hasEscapes { return unescapedText(entry).elementsEqual(wanted + [byte]) }
        let content = Int(entry.start) + 1..<max(Int(entry.start) + 1, Int(entry.end) - 1)
        return content.count == wanted.count + 1 && bytes[content.upperBound - 1] == byte
            && areSame(UnsafeBufferPointer(rebasing: bytes[content.dropLast()]), wanted)
    }

    @inline(never)
    private func isEscapedText(_ wanted: UnsafeBufferPointer<UInt8>, _ entry: TapeEntry) -> Bool {
        unescapedText(entry).elementsEqual(wanted)
    }

    private func unescapedText(_ entry: TapeEntry) -> [UInt8] {
        unescaped(ArraySlice(UnsafeBufferPointer(rebasing: bytes[entry.content])))
    }
}

extension JSONSource {
    @inline(__always)
    func view<Result>(_ body: (SourceView) -> Result) -> Result {
        tape.withUnsafeBufferPointer { tape in
            bytes.withUnsafeBufferPointer { bytes in body(SourceView(tape: tape, bytes: bytes)) }
        }
    }
}
