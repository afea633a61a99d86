// SPDX-License-Identifier: Apache-2.0

/// Where a string may end or is not plain ASCII: a quote, a backslash, a byte below 0x20, or one of 0x80 and above.
///
/// Found for 64 bytes at a time, whatever stands there, and kept for the strings that follow: so the search for one
/// string's end does not wait for that of the one before, as it would where each begins a search of its own.
struct StringStops {
    /// A bit for each byte from `start` on, the first of them lowest; before the first search, none that counts.
    private var bits: UInt64 = 0
    private var start = -64

    /// The first stop at `place` or behind it; the end of the text at the latest.
    @inline(__always)
    mutating func first(from place: Int, in source: ByteView) -> Int {
        var place = place
        while true {
            let offset = UInt64(bitPattern: Int64(place &- start))
            if offset < 64 {
                let rest = bits &>> offset
                if rest != 0 { return place &+ rest.trailingZeroBitCount }
                place = start &+ 64
            }
            start = place
            bits = Self.bits(from: place, in: source)
        }
    }

    @inline(never)
    private static func bits(from start: Int, in source: ByteView) -> UInt64 {
        if start &+ 64 > source.count { return bitsAtEnd(from: start, in: source) }
        return source.sixteen(at: start).stopBits | source.sixteen(at: start &+ 16).stopBits &<< 16
            | source.sixteen(at: start &+ 32).stopBits &<< 32 | source.sixteen(at: start &+ 48).stopBits &<< 48
    }

    /// One after the other, and a stop for each byte that is missing.
    private static func bitsAtEnd(from start: Int, in source: ByteView) -> UInt64 {
        var bits = UInt64.max
        for place in start..<source.count {
            let byte = source[place]
            if byte >= 0x20, byte < 0x80, byte != Byte.quote, byte != Byte.backslash {
                bits ^= 1 &<< UInt64(place &- start)
            }
        }
        return bits
    }
}
