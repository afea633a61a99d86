// SPDX-License-Identifier: Apache-2.0

/// Lines out of pieces that know nothing of them; none is longer than a bound.
struct LineSplitter {
    struct LineTooLong: Error {}

    private let bytesMost: Int
    private var rest: [UInt8] = []
    /// Of `rest`, what holds no line end for sure.
    private var searched = 0

    init(most bytesMost: Int) { self.bytesMost = bytesMost }

    /// Bytes of a line that has not ended.
    var hasRest: Bool { !rest.isEmpty }

    /// The lines that `piece` completes, without their ends; empty ones are left out.
    mutating func take(_ piece: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        rest += piece
        while let end = rest[max(start, searched)...].firstIndex(of: UInt8(ascii: "\n")) {
            if end - start > bytesMost { throw LineTooLong() }
            if end > start { lines.append(Array(rest[start..<end])) }
            start = end + 1
            searched = start
        }
        rest.removeFirst(start)
        searched = rest.count
        if rest.count > bytesMost { throw LineTooLong() }
        return lines
    }
}
