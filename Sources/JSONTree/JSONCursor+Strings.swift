// SPDX-License-Identifier: Apache-2.0

extension JSONCursor {
    /// Where the closing quote stands of the string that the cursor is inside of.
    @inline(never)
    func endOfString() throws(JSONError) -> (quote: Int, hasEscapes: Bool) {
        var cursor = self
        var stops = StringStops()
        var hasEscapes = false
        while true {
            switch cursor.peek {
            case Byte.quote:
                return (cursor.at, hasEscapes)
            case Byte.backslash:
                hasEscapes = true
                try cursor.takeEscape()
            case 0x80...:
                try cursor.takeWide()
            case 0x20...:
                cursor.at = stops.first(from: cursor.at, in: source)
            default:
                if cursor.at == source.count { throw cursor.fault("expected the end of the string") }
                throw cursor.fault("a control character in a string must be escaped")
            }
        }
    }

    // MARK: Escapes

    private mutating func takeEscape() throws(JSONError) {
        let backslash = at
        at += 1
        switch peek {
        case Byte.quote, Byte.backslash, Byte.slash, Byte.b, Byte.f, Byte.n, Byte.r, Byte.t:
            at += 1
        case Byte.u:
            try takeUnicodeEscape(from: backslash)
        default:
            throw at < source.count ? fault("no such escape", at: backslash) : fault("expected an escape")
        }
    }

    /// A code point of the basic plane, or a high surrogate and its low partner (RFC 8259 section 7).
    private mutating func takeUnicodeEscape(from backslash: Int) throws(JSONError) {
        let unit = try takeHex4(from: backslash)
        guard unit & 0xF800 == 0xD800 else { return }
        let lone = "a surrogate without its partner stands for no character"
        guard unit < 0xDC00, at + 1 < source.count, source[at] == Byte.backslash, source[at + 1] == Byte.u else {
            throw fault(lone, at: backslash)
        }
        let second = at
        at += 1
        guard try takeHex4(from: second) & 0xFC00 == 0xDC00 else { throw fault(lone, at: backslash) }
    }

    /// Takes `u` and four hexadecimal digits.
    private mutating func takeHex4(from backslash: Int) throws(JSONError) -> UInt32 {
        at += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard at < source.count else { throw fault("expected four hexadecimal digits") }
            guard let digit = hexValue(of: source[at]) else {
                throw fault("\\u needs four hexadecimal digits", at: backslash)
            }
            unit = unit << 4 | UInt32(digit)
            at += 1
        }
        return unit
    }

    // MARK: UTF-8

    /// Takes the run of characters outside ASCII.
    private mutating func takeWide() throws(JSONError) {
        while peek >= 0x80 {
            let count = wideCount()
            guard count > 0 else { throw fault("not valid UTF-8") }
            at += count
        }
    }

    /// How many bytes the character at `at` has; 0 when they are ill-formed (Unicode 15, table 3-7).
    @inline(__always)
    private func wideCount() -> Int {
        switch source[at] {
        case 0xC2...0xDF: continues(1, second: 0x80...0xBF)
        case 0xE0: continues(2, second: 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: continues(2, second: 0x80...0xBF)
        case 0xED: continues(2, second: 0x80...0x9F)
        case 0xF0: continues(3, second: 0x90...0xBF)
        case 0xF1...0xF3: continues(3, second: 0x80...0xBF)
        case 0xF4: continues(3, second: 0x80...0x8F)
        default: 0
        }
    }

    /// The whole count when that many continuation bytes follow, the first of them within `second`; otherwise 0.
    @inline(__always)
    private func continues(_ count: Int, second: ClosedRange<UInt8>) -> Int {
        guard at + count < source.count, second.contains(source[at + 1]) else { return 0 }
        for place in at + 1...at + count where source[place] & 0xC0 != 0x80 { return 0 }
        return count + 1
    }
}
