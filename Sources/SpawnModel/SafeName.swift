// SPDX-License-Identifier: Apache-2.0
import Hashing

/// Names that fit where a user's own may not. Where anything had to change, a hash of the whole stands behind it, so
/// that two names never become one; a name that holds the separator itself counts as one that has to change.
package enum SafeName {
    private static let separator = "---"
    private static let lengthMax = 63
    private static let keptMax = lengthMax - separator.utf8.count - 16

    /// A DNS label by RFC 1123: lower-case letters, digits and `-`.
    package static func dns(_ text: String) -> String {
        safe(text, lowercase: true) { $0 == UInt8(ascii: "-") }
    }

    /// The value of a Kubernetes label.
    package static func label(_ text: String) -> String {
        if text.isEmpty { return "" }
        return safe(text, lowercase: false) { "-_.".utf8.contains($0) }
    }

    private static func safe(_ text: String, lowercase: Bool, also isAllowed: (UInt8) -> Bool) -> String {
        let plain = lowercase ? text.lowercased() : text
        let kept = plain.utf8.map { $0.isLetterOrDigit || isAllowed($0) ? $0 : UInt8(ascii: "-") }
        let base = String(decoding: kept.trimmingToLettersAndDigits, as: UTF8.self)
        if base.utf8.elementsEqual(text.utf8), !base.isEmpty, base.utf8.count <= lengthMax, !base.contains(separator) {
            return base
        }
        let short = String(decoding: Array(base.utf8.prefix(keptMax)).trimmingToLettersAndDigits, as: UTF8.self)
        return (short.isEmpty ? "x" : short) + separator + SHA256.hex(text)
    }

    /// A DNS subdomain by RFC 1123, as Kubernetes names objects.
    package static func isObjectName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
            let bytes = Array(part)
            guard let first = bytes.first, let last = bytes.last else { return false }
            return first.isLowerOrDigit && last.isLowerOrDigit
                && bytes.allSatisfy { $0.isLowerOrDigit || $0 == UInt8(ascii: "-") }
        }
    }
}

extension UInt8 {
    fileprivate var isLowerOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    package var isLetterOrDigit: Bool { isLowerOrDigit || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}

extension [UInt8] {
    fileprivate var trimmingToLettersAndDigits: [UInt8] {
        guard let first = firstIndex(where: \.isLetterOrDigit), let last = lastIndex(where: \.isLetterOrDigit) else {
            return []
        }
        return Array(self[first...last])
    }
}
