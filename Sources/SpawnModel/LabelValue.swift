// SPDX-License-Identifier: Apache-2.0

/// Whether Kubernetes takes `text` as a label's value: 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit
/// at both ends. It takes an empty one too, which says nothing and is false here.
package func isLabelValue(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }
    func isInner(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    var text = text
    return text.withUTF8 { bytes in
        guard (1...63).contains(bytes.count), isAlphanumeric(bytes[0]), isAlphanumeric(bytes[bytes.count - 1]) else {
            return false
        }
        return bytes.allSatisfy(isInner)
    }
}
