// SPDX-License-Identifier: Apache-2.0

extension JSONScanner {
    /// Takes a string or key from its opening quote to behind its closing one.
    mutating func scanString() throws(JSONError) {
        let start = at
        var hasEscapes = false
        at += 1
        while true {
            skipPlain()
            switch peek {
            case Byte.quote:
                at += 1
                return appendScalar(from: start, hasEscapes: hasEscapes)
            case Byte.backslash:
                hasEscapes = true
                try scanEscape()
            case 0x80...:
                try scanWide()
            default:
                if at == source.count { throw fault("expected the end of the string") }
                throw fault("a control character in a string must be escaped")
            }
        }
    }

    /// Goes on to the next quote, backslash, control character or byte of 0x80 and above.
    ///
    /// Sixteen bytes a turn: most keys and many values end within them, and so without a branch that goes either way.
    @inline(__always)
    private mutating func skipPlain() {
        var place = at
        defer { at = place }
        while place + 16 <= source.count {
            let low = EightBytes.marksOfSpecialOrWide(source.word(at: place))
            let high = EightBytes.marksOfSpecialOrWide(source.word(at: place + 8))
            if low | high != 0 {
                place += low != 0 ? EightBytes.first(low) : 8 + EightBytes.first(high)
                return
            }
            place += 16
        }
        while place < source.count, source[place] >= 0x20, source[place] < 0x80,
            source[place] != Byte.quote, source[place] != Byte.backslash
        {
            place += 1
        }
    }

    // MARK: Escapes

    private mutating func scanEscape() throws(JSONError) {
        let backslash = at
        at += 1
        switch peek {
        case Byte.quote, Byte.backslash, Byte.slash, Byte.b, Byte.f, Byte.n, Byte.r, Byte.t:
            at += 1
        case Byte.u:
            try scanUnicodeEscape(from: backslash)
        default:
            throw at < source.count ? fault("no such escape", at: backslash) : fault("expected an escape")
        }
    }

    /// A code point of the basic plane, or a high surrogate and its low partner (RFC 8259 section 7).
    private mutating func scanUnicodeEscape(from backslash: Int) throws(JSONError) {
        let unit = try scanHex4(from: backslash)
        guard unit & 0xF800 == 0xD800 else { return }
        let lone = "a surrogate without its partner stands for no character"
        guard unit < 0xDC00, at + 1 < source.count, source[at] == Byte.backslash, source[at + 1] == Byte.u else {
            throw fault(lone, at: backslash)
        }
        let second = at
        at += 1
        guard try scanHex4(from: second) & 0xFC00 == 0xDC00 else { throw fault(lone, at: backslash) }
    }

    /// Takes `u` and four hexadecimal digits.
    private mutating func scanHex4(from backslash: Int) throws(JSONError) -> UInt32 {
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
    private mutating func scanWide() throws(JSONError) {
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
