// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The bytes that JSON's grammar is made of.
enum Byte {
    static var quote: UInt8 { 0x22 }
    static var backslash: UInt8 { 0x5C }
    static var slash: UInt8 { 0x2F }
    static var braceOpen: UInt8 { 0x7B }
    static var braceClose: UInt8 { 0x7D }
    static var bracketOpen: UInt8 { 0x5B }
    static var bracketClose: UInt8 { 0x5D }
    static var comma: UInt8 { 0x2C }
    static var colon: UInt8 { 0x3A }
    static var minus: UInt8 { 0x2D }
    static var plus: UInt8 { 0x2B }
    static var dot: UInt8 { 0x2E }
    static var zero: UInt8 { 0x30 }
    static var one: UInt8 { 0x31 }
    static var nine: UInt8 { 0x39 }
    static var space: UInt8 { 0x20 }
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var tilde: UInt8 { 0x7E }
    static var b: UInt8 { 0x62 }
    static var f: UInt8 { 0x66 }
    static var n: UInt8 { 0x6E }
    static var r: UInt8 { 0x72 }
    static var t: UInt8 { 0x74 }
    static var u: UInt8 { 0x75 }
}

/// Eight bytes of text looked at together, which is several times as fast as one by one.
///
/// The marks are exact for the lowest marked byte only: a borrow may mark bytes above it. That is all a search for
/// the first needs.
enum EightBytes {
    private static var each01: UInt64 { 0x0101_0101_0101_0101 }
    private static var each80: UInt64 { 0x8080_8080_8080_8080 }

    /// Marks (0x80) each byte that ends a plain run: a quote, a backslash, or below 0x20. For bytes below 0x80 only.
    @inline(__always)
    static func marksOfSpecial(_ word: UInt64) -> UInt64 {
        let quotes = (word ^ (each01 &* 0x22)) &- each01
        let backslashes = (word ^ (each01 &* 0x5C)) &- each01
        let controls = word &- (each01 &* 0x20)
        return (quotes | backslashes | controls) & ~word & each80
    }

    /// Which byte, counted from the first in memory, carries the lowest mark.
    @inline(__always)
    static func first(_ marks: UInt64) -> Int { marks.trailingZeroBitCount >> 3 }
}

/// Bytes that somebody else keeps alive, read where they stand; bounds are checked in the debug build.
///
/// The library's own buffer pointers are not always inlined, which took a third of a scan.
struct ByteView {
    private let base: UnsafeRawPointer
    let count: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address; nothing is ever read from it.
        base = UnsafeRawPointer(bytes.baseAddress ?? UnsafePointer(bitPattern: 1)!)
        count = bytes.count
    }

    @inline(__always)
    subscript(place: Int) -> UInt8 {
        assert(place >= 0 && place < count)
        return base.load(fromByteOffset: place, as: UInt8.self)
    }

    /// The eight bytes from `place` on, the first of them lowest.
    @inline(__always)
    func word(at place: Int) -> UInt64 {
        assert(place >= 0 && place + 8 <= count)
        return UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// The eight bytes before `end`, zeros where there are fewer.
    @inline(never)
    func word(endingAt end: Int) -> UInt64 {
        (max(0, end - 8)..<end).reduce(0) { $0 >> 8 | UInt64(self[$1]) << 56 }
    }

    /// All bytes, which are fewer than eight, and zeros behind them.
    @inline(__always)
    var shortWord: UInt64 {
        assert(count < 8)
        if count >= 4 { return half(at: 0) | half(at: count &- 4) &<< UInt64(8 &* (count &- 4)) }
        if count == 0 { return 0 }
        let middle = count &>> 1
        return UInt64(self[0]) | UInt64(self[middle]) &<< UInt64(8 &* middle)
            | UInt64(self[count &- 1]) &<< UInt64(8 &* (count &- 1))
    }

    /// The four bytes from `place` on, the first of them lowest.
    @inline(__always)
    func half(at place: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
    }

    /// The sixteen bytes from `place` on.
    @inline(__always)
    func sixteen(at place: Int) -> SIMD16<UInt8> {
        assert(place >= 0 && place + 16 <= count)
        return base.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
    }

    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        assert(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeBufferPointer(
            start: base.advanced(by: range.lowerBound).assumingMemoryBound(to: UInt8.self),
            count: range.count
        )
    }
}

/// Whether both hold the same bytes.
func areSame(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    guard let first = a.baseAddress, let second = b.baseAddress, a.count > 0 else { return true }
    return memcmp(first, second, a.count) == 0
}

extension String {
    /// Whether both have the same code points; `==` takes `é` for `e` and an accent, which JSON tells apart.
    @inline(__always)
    package func isExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && hasSameBytes(other)
    }

    /// Whether the text begins with all bytes of `start`.
    package func begins(with start: String) -> Bool {
        guard utf8.count >= start.utf8.count else { return false }
        return withBytes { mine in
            start.withBytes { start in areSame(UnsafeBufferPointer(rebasing: mine[..<start.count]), start) }
        }
    }

    private func hasSameBytes(_ other: String) -> Bool {
        withBytes { mine in other.withBytes { theirs in areSame(mine, theirs) } }
    }

    /// The bytes where they stand. `withUTF8` would need a copy of the string, and so two counts of its owners.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8Span.span.withUnsafeBufferPointer(body)
    }
}

/// A key by its code points, for sets and dictionaries.
struct ExactKey: Hashable {
    let text: String

    static func == (a: ExactKey, b: ExactKey) -> Bool { a.text.isExactly(b.text) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
