// SPDX-License-Identifier: Apache-2.0

/// Finds the end of a request's head in bytes that may still be coming, and refuses what no head may hold.
///
/// It looks at control characters only: every line must end in CR LF, and no other control but a tab may occur. So a
/// client that speaks TLS, or ends lines with LF alone, is told at once and not after a time-out; and the parser that
/// comes after it may rely on it.
struct HTTPHeadScanner {
    private var scanned = 0
    private var start = 0
    private var lineStart = 0

    /// The head without an empty line before it, up to and with the empty line at its end; nil when more bytes are
    /// needed. `bytes` must be those of the last call, or those with more behind them.
    mutating func head(in bytes: Span<UInt8>, limits: HTTPLimits) throws(HTTPFault) -> Range<Int>? {
        let end = min(bytes.count, limits.headerBytes)
        while scanned < end {
            let place = HTTPHeadScanner.control(in: bytes, from: scanned, to: end)
            scanned = place
            guard place < end else { break }
            guard bytes[place] == .carriageReturn else {
                throw .malformed(bytes[place] == .lineFeed ? .bareLineFeed : .controlCharacter)
            }
            guard place + 1 < end else { break }
            guard bytes[place + 1] == .lineFeed else { throw .malformed(.bareCarriageReturn) }
            scanned = place + 2
            if let head = endLine(at: place) { return head }
        }
        guard bytes.count <= limits.headerBytes else {
            throw lineStart == start ? .targetTooLong(limitBytes: limits.targetBytes) : .headTooLarge
        }
        return nil
    }

    /// Notes the line end at `place`; the head, when that line is empty. One empty line may come before a request
    /// (RFC 9112 section 2.2), since old clients sent one after a body.
    private mutating func endLine(at place: Int) -> Range<Int>? {
        let isEmpty = place == lineStart
        lineStart = scanned
        guard isEmpty else { return nil }
        guard place > 0 else {
            start = scanned
            return nil
        }
        return start..<scanned
    }

    /// Where the first control character other than a tab stands; `end` when there is none.
    static func control(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var place = start
            while place < end {
                if place + 8 <= end, !mayHoldControl(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) {
                    place += 8
                    continue
                }
                let stop = min(place + 8, end)
                while place < stop {
                    if bytes[place].isControl { return place }
                    place += 1
                }
            }
            return end
        }
    }

    /// Whether any of eight bytes is below 0x20 or is 0x7f. Exact but for bytes behind one that is.
    private static func mayHoldControl(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let below = (word &- ones &* 0x20) & ~word
        let delete = word ^ (ones &* 0x7f)
        return (below | ((delete &- ones) & ~delete)) & tops != 0
    }
}
