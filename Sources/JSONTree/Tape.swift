// SPDX-License-Identifier: Apache-2.0

/// One value or key as the scanner saw it: where it stands in the source, and where its subtree ends on the tape.
///
/// The tape lists values in the order of the text: an array is followed by its elements, an object by a key and a
/// value for each member. The kind is not stored, the byte at `start` tells it. Twelve bytes each.
struct TapeEntry: Sendable {
    let start: UInt32
    private(set) var end: UInt32
    /// The index after the subtree; the top bit says that a string holds a backslash.
    private var nextAndFlag: UInt32

    private static let flag: UInt32 = 1 << 31

    init(start: Int, end: Int, next: Int, hasEscapes: Bool = false) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.nextAndFlag = UInt32(truncatingIfNeeded: next) | (hasEscapes ? Self.flag : 0)
    }

    var next: Int { Int(nextAndFlag & ~Self.flag) }
    var hasEscapes: Bool { nextAndFlag & Self.flag != 0 }
    var range: Range<Int> { Int(start)..<Int(end) }
    /// What stands between the quotes of a string.
    var content: Range<Int> { Int(start) + 1..<Int(end) - 1 }

    mutating func close(end: Int, next: Int) {
        self.end = UInt32(truncatingIfNeeded: end)
        self.nextAndFlag = UInt32(truncatingIfNeeded: next)
    }
}

/// A validated text with its tape. Immutable, so any number of slices may share it between threads.
final class JSONSource: Sendable {
    let bytes: [UInt8]
    let tape: [TapeEntry]

    init(bytes: [UInt8], tape: [TapeEntry]) {
        self.bytes = bytes
        self.tape = tape
    }
}
