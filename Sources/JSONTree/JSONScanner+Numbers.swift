// SPDX-License-Identifier: Apache-2.0

extension JSONScanner {
    /// Takes a number by the grammar of RFC 8259 section 6, of any length.
    mutating func scanNumber() throws(JSONError) {
        let start = at
        if peek == Byte.minus { at += 1 }
        if peek == Byte.zero {
            at += 1
            if isDigit { throw fault("a number has no leading zeros") }
        } else {
            try scanDigits()
        }
        if peek == Byte.dot {
            at += 1
            try scanDigits()
        }
        if peek | 0x20 == UInt8(ascii: "e") {
            at += 1
            if peek == Byte.plus || peek == Byte.minus { at += 1 }
            try scanDigits()
        }
        appendScalar(from: start)
    }

    @inline(__always)
    private mutating func scanDigits() throws(JSONError) {
        guard isDigit else { throw fault("expected a digit") }
        repeat { at += 1 } while isDigit
    }

    @inline(__always)
    private var isDigit: Bool { at < source.count && source[at] &- Byte.zero < 10 }

    /// Whether the whole spelling is a number.
    static func isNumber(_ spelling: String) -> Bool {
        var spelling = spelling
        return spelling.withUTF8 { bytes in
            var scanner = JSONScanner(source: ByteView(bytes), depthMax: 0)
            do { try scanner.scanNumber() } catch { return false }
            return scanner.at == bytes.count
        }
    }
}
