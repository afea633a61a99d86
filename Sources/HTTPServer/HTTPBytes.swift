// SPDX-License-Identifier: Apache-2.0

/// The bytes and classes of bytes that RFC 9110 and RFC 3986 name.
extension UInt8 {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let question = UInt8(ascii: "?")
    static let percent = UInt8(ascii: "%")

    var isBlank: Bool { self == .space || self == .tab }
    var isDigit: Bool { self &- 0x30 < 10 }

    /// Not allowed in a field's value; a tab is.
    var isControl: Bool { self < 0x20 && self != .tab || self == 0x7f }

    /// The small letter of a large one; any other byte itself.
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// 0 to 15; nil unless it is a hexadecimal digit.
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    var isToken: Bool { ASCIISet.token.contains(self) }
    /// `pchar`, `/` and `?` of RFC 3986, `%` among them.
    var isTarget: Bool { ASCIISet.target.contains(self) }
    /// `reg-name` of RFC 3986 section 3.2.2.
    var isHostName: Bool { ASCIISet.hostName.contains(self) }
}

/// A set of ASCII bytes in two words, so that a look-up is a shift. Written out, so that the compiler needs no code to
/// set it up; a test compares each with the grammar.
struct ASCIISet {
    /// Bit n for byte n, and for byte 64 + n.
    let low, high: UInt64

    /// Letters, digits and ! # $ % & ' * + - . ^ _ ` | ~
    static let token = ASCIISet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
    /// Letters, digits and - . _ ~ ! $ & ' ( ) * + , ; = : @ / ? %
    static let target = ASCIISet(low: 0xafff_fff2_0000_0000, high: 0x47ff_fffe_87ff_ffff)
    /// Letters, digits and - . _ ~ ! $ & ' ( ) * + , ; = %
    static let hostName = ASCIISet(low: 0x2bff_7ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe)

    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }
}
