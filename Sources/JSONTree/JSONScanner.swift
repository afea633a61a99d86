// SPDX-License-Identifier: Apache-2.0

/// One pass over a text that checks all of RFC 8259 and leaves the tape behind.
///
/// Iterative: open arrays and objects stand on a stack of their own, so no input can overflow the thread's. Every
/// read of `source` stands behind a comparison of `at` with `source.count`; the debug build checks each again.
struct JSONScanner {
    /// Valid only inside `tape(of:limits:)` and `isNumber`, which never let the scanner out.
    let source: UnsafeRawBufferPointer
    let depthMax: Int
    var at = 0
    var tape: [TapeEntry] = []
    /// The arrays and objects that are not closed yet, outermost first.
    private var open: [OpenContainer] = []

    private struct OpenContainer {
        let index: Int
        let isObject: Bool
    }

    static func tape(of bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> [TapeEntry] {
        guard bytes.count <= limits.bytesMax else { throw .tooLarge(bytes: bytes.count, limit: limits.bytesMax) }
        return try bytes.withUnsafeBufferPointer { (source) throws(JSONError) in
            var scanner = JSONScanner(source: UnsafeRawBufferPointer(source), depthMax: limits.depthMax)
            try scanner.scanDocument()
            return scanner.tape
        }
    }

    init(source: UnsafeRawBufferPointer, depthMax: Int) {
        self.source = source
        self.depthMax = depthMax
    }
}

// MARK: - Structure

extension JSONScanner {
    private mutating func scanDocument() throws(JSONError) {
        tape.reserveCapacity(source.count / 16 + 4)
        open.reserveCapacity(min(depthMax, 16))
        try refuseByteOrderMark()
        skipSpace()
        try scanValue()
        while let container = open.last {
            if container.isObject {
                try scanMemberOrEnd(of: container.index)
            } else {
                try scanElementOrEnd(of: container.index)
            }
        }
        skipSpace()
        guard at == source.count else { throw fault("nothing may follow the value") }
    }

    private mutating func scanElementOrEnd(of array: Int) throws(JSONError) {
        skipSpace()
        if peek == Byte.bracketClose { return close(array) }
        if tape.count > array + 1 {
            guard peek == Byte.comma else { throw fault("expected a comma or the end of the array") }
            at += 1
            skipSpace()
        }
        try scanValue()
    }

    private mutating func scanMemberOrEnd(of object: Int) throws(JSONError) {
        skipSpace()
        if peek == Byte.braceClose {
            try refuseDuplicateKeys(of: object)
            return close(object)
        }
        if tape.count > object + 1 {
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

    private mutating func open(isObject: Bool) throws(JSONError) {
        guard open.count < depthMax else { throw .tooDeep(offset: at, limit: depthMax) }
        open.append(OpenContainer(index: tape.count, isObject: isObject))
        tape.append(TapeEntry(start: at, end: at, next: 0))
        at += 1
    }

    private mutating func close(_ container: Int) {
        at += 1
        tape[container].close(end: at, next: tape.count)
        open.removeLast()
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
        if source.starts(with: [0xEF, 0xBB, 0xBF]) { throw fault("a byte order mark is not allowed") }
    }

    func fault(_ reason: String, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? at
        return .malformed(offset: offset, reason: offset < source.count ? reason : "the text ends here; \(reason)")
    }
}
