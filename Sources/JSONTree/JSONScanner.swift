// SPDX-License-Identifier: Apache-2.0

/// One pass over a text that checks all of RFC 8259 and leaves the tape behind.
///
/// Iterative: no input can overflow the thread's stack, since the arrays and objects that are not closed yet are
/// chained through the tape itself. Every read of `source` stands behind a comparison with `source.count`; the debug
/// build checks each again.
struct JSONScanner: ~Copyable {
    /// Valid only inside `tape(of:limits:)` and `isNumber`, which never let the scanner out.
    let source: ByteView
    let depthMax: Int
    var at = 0
    var tape: TapeBuilder
    /// How many arrays and objects are open, and the innermost of them: its place on the tape, and which it is.
    private var depth = 0
    private var container = 0
    private var isInObject = false
    /// Scratch of `refuseDuplicateKeys`.
    let keyMarks = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 32)

    static func tape(of bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> [TapeEntry] {
        guard bytes.count <= limits.bytesMax else { throw .tooLarge(bytes: bytes.count, limit: limits.bytesMax) }
        return try bytes.withUnsafeBufferPointer { (source) throws(JSONError) in
            var scanner = JSONScanner(source: ByteView(source), depthMax: limits.depthMax)
            try scanner.scanDocument()
            return scanner.tape.entries
        }
    }

    init(source: ByteView, depthMax: Int) {
        self.source = source
        self.depthMax = depthMax
        // Compact pods have an entry for every 13 bytes, indented ones for every 20.
        self.tape = TapeBuilder(capacity: source.count / 12 + 8)
    }

    deinit { keyMarks.deallocate() }
}

// MARK: - Structure

extension JSONScanner {
    private mutating func scanDocument() throws(JSONError) {
        try refuseByteOrderMark()
        skipSpace()
        try scanValue()
        while depth > 0 {
            if isInObject {
                try scanMemberOrEnd()
            } else {
                try scanElementOrEnd()
            }
        }
        skipSpace()
        guard at == source.count else { throw fault("nothing may follow the value") }
    }

    @inline(__always)
    private mutating func scanElementOrEnd() throws(JSONError) {
        skipSpace()
        if peek == Byte.bracketClose { return close() }
        if tape.count > container + 1 {
            guard peek == Byte.comma else { throw fault("expected a comma or the end of the array") }
            at += 1
            skipSpace()
        }
        try scanValue()
    }

    @inline(__always)
    private mutating func scanMemberOrEnd() throws(JSONError) {
        skipSpace()
        if peek == Byte.braceClose {
            try refuseDuplicateKeys(of: container)
            return close()
        }
        if tape.count > container + 1 {
            guard peek == Byte.comma else { throw fault("expected a comma or the end of the object") }
            at += 1
            skipSpace()
        }
        guard peek == Byte.quote else { throw fault("expected a key in double quotes") }
        try scanString()
        skipSpace()
        guard peek == Byte.colon else { throw fault("expected a colon after the key") }
        at += 1
        skipSpace()
        try scanValue()
    }

    /// Puts a scalar on the tape, or opens an array or object.
    @inline(__always)
    private mutating func scanValue() throws(JSONError) {
        switch peek {
        case Byte.quote: try scanString()
        case Byte.braceOpen: try open(isObject: true)
        case Byte.bracketOpen: try open(isObject: false)
        case Byte.minus, Byte.zero...Byte.nine: try scanNumber()
        case Byte.t: try scanWord("true")
        case Byte.f: try scanWord("false")
        case Byte.n: try scanWord("null")
        default: throw fault("expected a value")
        }
    }

    @inline(__always)
    private mutating func open(isObject: Bool) throws(JSONError) {
        guard depth < depthMax else { throw .tooDeep(offset: at, limit: depthMax) }
        let outer = container
        container = tape.count
        tape.append(TapeEntry(openAt: at, inside: outer))
        isInObject = isObject
        depth += 1
        at += 1
    }

    @inline(__always)
    private mutating func close() {
        at += 1
        container = tape.close(container, end: at)
        depth -= 1
        isInObject = depth > 0 && source[Int(tape[container].start)] == Byte.braceOpen
    }

    private mutating func scanWord(_ word: StaticString) throws(JSONError) {
        let start = at
        for place in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[place] else { throw fault("expected \(word)") }
            at += 1
        }
        appendScalar(from: start)
    }

    @inline(__always)
    mutating func appendScalar(from start: Int, hasEscapes: Bool = false) {
        tape.append(TapeEntry(start: start, end: at, next: tape.count + 1, hasEscapes: hasEscapes))
    }
}

// MARK: - Bytes

extension JSONScanner {
    /// The byte at `at`; 0, which fits nowhere, at the end of the text.
    @inline(__always)
    var peek: UInt8 { at < source.count ? source[at] : 0 }

    @inline(__always)
    mutating func skipSpace() {
        while at < source.count, source[at] <= Byte.space {
            switch source[at] {
            case Byte.space, Byte.lineFeed, Byte.carriageReturn, Byte.tab: at += 1
            default: return
            }
        }
    }

    private func refuseByteOrderMark() throws(JSONError) {
        if source.count >= 3, source[0] == 0xEF, source[1] == 0xBB, source[2] == 0xBF {
            throw fault("a byte order mark is not allowed")
        }
    }

    func fault(_ reason: String, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? at
        return .malformed(offset: offset, reason: offset < source.count ? reason : "the text ends here; \(reason)")
    }
}
