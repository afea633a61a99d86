// SPDX-License-Identifier: Apache-2.0

/// One pass over a text that checks all of RFC 8259 and leaves the tape behind.
///
/// Iterative: no input can overflow the thread's stack, since the arrays and objects that are not closed yet are
/// chained through the tape itself.
struct JSONScanner {
    private var cursor: JSONCursor
    private var stops = StringStops()
    private let depthMax: Int
    private var tape = TapeBuilder()
    /// How many arrays and objects are open, and the innermost of them: its place on the tape, and which it is.
    private var depth = 0
    private var container = 0
    private var isInObject = false

    static func tape(of bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> [TapeEntry] {
        guard bytes.count <= limits.bytesMax else { throw .tooLarge(bytes: bytes.count, limit: limits.bytesMax) }
        return try bytes.withUnsafeBufferPointer { (source) throws(JSONError) in
            var scanner = JSONScanner(source: ByteView(source), depthMax: limits.depthMax)
            return try scanner.scanDocument()
        }
    }

    /// `source` has to outlive the scanner.
    private init(source: ByteView, depthMax: Int) {
        self.cursor = JSONCursor(source: source)
        self.depthMax = depthMax
    }
}

// MARK: - Structure

extension JSONScanner {
    private mutating func scanDocument() throws(JSONError) -> [TapeEntry] {
        try cursor.refuseByteOrderMark()
        var tape: [TapeEntry] = []
        while try scanValues(onto: &tape) {}
        guard cursor.peekPastSpace() == 0, cursor.at == cursor.source.count else {
            throw cursor.fault("nothing may follow the value")
        }
        return tape
    }

    /// Goes on with a larger tape; true when that has no more room, false when the outermost value has ended.
    private mutating func scanValues(onto entries: inout [TapeEntry]) throws(JSONError) -> Bool {
        // Compact pods have an entry for every 13 bytes, indented ones for every 20.
        let capacity = max(cursor.source.count / 12 + 8, 2 * entries.count)
        var goesOn = false
        entries = try Array(unsafeUninitializedCapacity: capacity) { (memory, count) throws(JSONError) in
            tape = TapeBuilder(memory, beginningWith: entries)
            goesOn = try scanValues()
            count = tape.count
        }
        return goesOn
    }

    /// Takes one value after the other until the tape has no more room, or the outermost has ended.
    ///
    /// Works on a copy of itself, which the compiler keeps in registers.
    @inline(never)
    private mutating func scanValues() throws(JSONError) -> Bool {
        var scanner = self
        var goesOn = true
        // A turn adds a key and a value at most.
        while goesOn, scanner.tape.hasRoom(for: 2) {
            if scanner.isInObject { try scanner.scanKey() }
            goesOn = try scanner.scanValue() ? true : scanner.scanEnd()
        }
        self = scanner
        return goesOn
    }

    /// Takes a key and its colon.
    @inline(__always)
    private mutating func scanKey() throws(JSONError) {
        guard cursor.peekPastSpace() == Byte.quote else { throw cursor.fault("expected a key in double quotes") }
        try scanString()
        guard cursor.peekPastSpace() == Byte.colon else { throw cursor.fault("expected a colon after the key") }
        cursor.at &+= 1
    }

    /// Puts a scalar on the tape, or opens an array or object; true when a key or value inside it comes next.
    @inline(__always)
    private mutating func scanValue() throws(JSONError) -> Bool {
        switch cursor.peekPastSpace() {
        case Byte.quote: try scanString()
        case Byte.braceOpen: return try opens(isObject: true)
        case Byte.bracketOpen: return try opens(isObject: false)
        case Byte.minus, Byte.zero...Byte.nine: appendScalar(to: try cursor.endOfNumber())
        case Byte.t: appendScalar(to: try cursor.endOfWord("true"))
        case Byte.f: appendScalar(to: try cursor.endOfWord("false"))
        case Byte.n: appendScalar(to: try cursor.endOfWord("null"))
        default: throw cursor.fault("expected a value")
        }
        return false
    }

    /// False when it is empty, and so has ended as well.
    @inline(__always)
    private mutating func opens(isObject: Bool) throws(JSONError) -> Bool {
        guard depth < depthMax else { throw .tooDeep(offset: cursor.at, limit: depthMax) }
        let outer = container
        container = tape.count
        tape.append(TapeEntry(openAt: cursor.at, inside: outer))
        isInObject = isObject
        depth &+= 1
        cursor.at &+= 1
        guard cursor.peekPastSpace() == (isObject ? Byte.braceClose : Byte.bracketClose) else { return true }
        close()
        return false
    }

    /// After a value: goes on to the next in the same array or object, or ends it and looks again in the one around
    /// it; false when all have ended.
    @inline(__always)
    private mutating func scanEnd() throws(JSONError) -> Bool {
        while depth > 0 {
            let byte = cursor.peekPastSpace()
            if byte == Byte.comma {
                cursor.at &+= 1
                return true
            }
            if isInObject {
                guard byte == Byte.braceClose else { throw cursor.fault("expected a comma or the end of the object") }
                try KeyCheck(source: cursor.source, tape: tape).refuseDuplicates(in: container)
            } else {
                guard byte == Byte.bracketClose else { throw cursor.fault("expected a comma or the end of the array") }
            }
            close()
        }
        return false
    }

    @inline(__always)
    private mutating func close() {
        cursor.at &+= 1
        container = tape.close(container, end: cursor.at)
        depth &-= 1
        isInObject = depth > 0 && cursor.source[Int(tape[container].start)] == Byte.braceOpen
    }

    /// Takes a string or key from its opening quote to behind its closing one.
    @inline(__always)
    private mutating func scanString() throws(JSONError) {
        var inside = cursor
        inside.at = stops.first(from: cursor.at &+ 1, in: cursor.source)
        if inside.peek == Byte.quote { return appendScalar(to: inside.at &+ 1) }
        let (quote, hasEscapes) = try inside.endOfString()
        appendScalar(to: quote &+ 1, hasEscapes: hasEscapes)
    }

    /// Puts on the tape what stands from here to `end`, and goes on there.
    @inline(__always)
    private mutating func appendScalar(to end: Int, hasEscapes: Bool = false) {
        tape.append(TapeEntry(start: cursor.at, end: end, next: tape.count &+ 1, hasEscapes: hasEscapes))
        cursor.at = end
    }
}
