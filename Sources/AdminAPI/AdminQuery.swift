// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HubAPI
import SpawnModel

/// What follows the `?`: `name=value`, each name once, percent-encoded.
struct AdminQuery: Sendable {
    private let values: [String: String]

    init(_ query: String?) throws(Problem) {
        do throws(HTTPQuery.Misfit) { values = try HTTPQuery(query).values } catch {
            throw .adminMalformed("the query's `\(error.part.prefix(64))`", "is no `name=value`, or comes twice")
        }
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
}
