// SPDX-License-Identifier: Apache-2.0

extension JSONCursor {
    /// Where the number by the grammar of RFC 8259 section 6 ends, of any length.
    @inline(never)
    func endOfNumber() throws(JSONError) -> Int {
        var cursor = self
        try cursor.takeNumber()
        return cursor.at
    }

    @inline(__always)
    private mutating func takeNumber() throws(JSONError) {
        if peek == Byte.minus { at += 1 }
        if peek == Byte.zero {
            at += 1
            if isDigit { throw fault("a number has no leading zeros") }
        } else {
            try takeDigits()
        }
        if peek == Byte.dot {
            at += 1
            try takeDigits()
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            at += 1
            if peek == Byte.plus || peek == Byte.minus { at += 1 }
            try takeDigits()
        }
    }

    @inline(__always)
    private mutating func takeDigits() throws(JSONError) {
        guard isDigit else { throw fault("expected a digit") }
        repeat { at += 1 } while isDigit
    }

    @inline(__always)
    private var isDigit: Bool { at < source.count && source[at] &- Byte.zero < 10 }

    /// Whether the whole spelling is a number.
    static func isNumber(_ spelling: String) -> Bool {
        var spelling = spelling
        return spelling.withUTF8 { bytes in
            (try? JSONCursor(source: ByteView(bytes)).endOfNumber()) == bytes.count
        }
    }
}
