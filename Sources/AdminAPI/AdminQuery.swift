// SPDX-License-Identifier: Apache-2.0
import HubAPI
import SpawnModel

/// What follows the `?`: `name=value`, each name once, percent-encoded.
struct AdminQuery: Sendable {
    private let values: [String: String]

    init(_ query: String?) throws(Problem) {
        var values: [String: String] = [:]
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let name = Self.decoded(pair[0]), let value = Self.decoded(pair[1]),
                values.updateValue(value, forKey: name) == nil
            else { throw .adminMalformed("the query's `\(part.prefix(64))`", "is no `name=value`, or comes twice") }
        }
        self.values = values
    }

    /// - Throws: where there is a name that is not among `known`, nor `format`.
    func names(_ known: String...) throws(Problem) {
        for name in values.keys where name != "format" && !known.contains(name) {
            let words = (known + ["format"]).map { "`\($0)`" }.joined(separator: ", ")
            throw .adminMalformed("the query's `\(name.prefix(64))`", "is none of \(words)")
        }
    }

    subscript(name: String) -> String? { values[name] }

    func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .adminMalformed("`\(name)`", "must be \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func format() throws(Problem) -> ListFormat {
        guard let text = values["format"] else { return .json }
        guard let format = ListFormat(rawValue: text) else {
            throw .adminMalformed("`format`", "must be `json`, `table` or `csv`")
        }
        return format
    }

    /// `2026-11-28`, a day in UTC.
    func day(_ name: String) throws(Problem) -> Instant? {
        guard let text = values[name] else { return nil }
        guard text.utf8.count == 10, let day = Instant(rfc3339: text + "T00:00:00Z") else {
            throw .adminMalformed("`\(name)`", "must be a day such as 2026-11-28")
        }
        return day
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
