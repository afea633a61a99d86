// SPDX-License-Identifier: Apache-2.0

/// `text` in the letters of a DNS label (RFC 1123): lower case, digits and inner hyphens.
///
/// Empty when `text` has no such letter; two texts may give the same label.
package func dnsLabel(_ text: String, atMost length: Int) -> String {
    var text = text
    let isLabel = text.withUTF8 { bytes in bytes.count <= length && bytes.allSatisfy(isLowerAlphanumeric) }
    if isLabel { return text }
    var label: [UInt8] = []
    for byte in text.utf8 where label.count < length {
        switch byte {
        case _ where isLowerAlphanumeric(byte): label.append(byte)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): label.append(byte | 0x20)
        default: if label.last != UInt8(ascii: "-"), !label.isEmpty { label.append(UInt8(ascii: "-")) }
        }
    }
    if label.last == UInt8(ascii: "-") { label.removeLast() }
    return String(decoding: label, as: UTF8.self)
}

private func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
}
