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

    /// An array or object that has begun. Until it is closed, `end` holds the place of the one around it.
    init(openAt start: Int, inside outer: Int) { self.init(start: start, end: outer, next: 0) }

    /// Sets where it ends, and returns the place of the one around it.
    fileprivate mutating func close(end: Int, next: Int) -> Int {
        let outer = Int(self.end)
        self.end = UInt32(truncatingIfNeeded: end)
        self.nextAndFlag = UInt32(truncatingIfNeeded: next)
        return outer
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

/// A tape that a scan writes on, in memory that somebody else keeps. An array would check with each entry whether it is
/// shared, which is a fifth of a scan's time.
///
/// Who appends has to see to the room before; bounds are checked in the debug build.
struct TapeBuilder {
    private let memory: UnsafeMutablePointer<TapeEntry>
    private let capacity: Int
    private(set) var count = 0

    /// Without room.
    init() {
        memory = UnsafeMutablePointer(bitPattern: MemoryLayout<TapeEntry>.alignment)!
        capacity = 0
    }

    init(_ memory: UnsafeMutableBufferPointer<TapeEntry>, beginningWith entries: [TapeEntry]) {
        self.memory = memory.baseAddress!
        capacity = memory.count
        count = memory.initialize(fromContentsOf: entries)
    }

    @inline(__always)
    func hasRoom(for more: Int) -> Bool { capacity &- count >= more }

    @inline(__always)
    subscript(index: Int) -> TapeEntry {
        assert(index >= 0 && index < count)
        return memory[index]
    }

    @inline(__always)
    mutating func append(_ entry: TapeEntry) {
        assert(hasRoom(for: 1))
        (memory + count).initialize(to: entry)
        count &+= 1
    }

    /// Ends the array or object at `index` here, and returns the place of the one around it.
    @inline(__always)
    func close(_ index: Int, end: Int) -> Int {
        assert(index >= 0 && index < count)
        return memory[index].close(end: end, next: count)
    }
}
