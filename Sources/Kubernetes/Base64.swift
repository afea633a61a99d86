// SPDX-License-Identifier: Apache-2.0

/// RFC 4648 section 4, as kubeconfigs and secrets hold bytes. Line ends don't count.
enum Base64 {
    /// Nil where it is anything else.
    static func bytes(_ text: String) -> [UInt8]? {
        let signs = text.utf8.filter { $0 != 0x0a && $0 != 0x0d }
        let padding = signs.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard signs.count % 4 == 0, padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var (held, bits) = (UInt32(0), 0)
        for sign in signs.dropLast(padding) {
            guard let value = value(of: sign) else { return nil }
            held = held << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
        }
        // What is left over of the last sign stands for nothing.
        return held & (1 << UInt32(bits) - 1) == 0 ? bytes : nil
    }

    private static func value(of sign: UInt8) -> UInt8? {
        switch sign {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): sign - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): sign - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): sign - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
