// SPDX-License-Identifier: Apache-2.0

/// What follows the `?` of a target: `name=value`, each name once, percent-encoded as forms are.
package struct HTTPQuery: Sendable {
    package let values: [String: String]

    /// A part that is no `name=value`, or whose name came before.
    package struct Misfit: Error {
        package let part: Substring
    }

    package init(_ query: String?) throws(Misfit) {
        var values: [String: String] = [:]
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let name = Self.decoded(pair[0]), let value = Self.decoded(pair[1]),
                values.updateValue(value, forKey: name) == nil
            else { throw Misfit(part: part) }
        }
        self.values = values
    }

    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(code)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
