// SPDX-License-Identifier: Apache-2.0

/// A parameter of a statement, or one column of a row.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    package init(_ number: Int) { self = .integer(Int64(number)) }
    package init(_ number: Int64) { self = .integer(number) }
    package init(_ text: String) { self = .text(text) }
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    package init(_ number: Int64?) { self = number.map(SQLValue.integer) ?? .null }
    package init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
}

/// One row of an answer; columns are counted from 0 in the order of the statement.
///
/// A column that is not of the kind the reader expects means that somebody else wrote the database, so reading it
/// throws `StorageError.corrupt`.
package struct SQLRow: Hashable, Sendable {
    package let values: [SQLValue]

    package init(values: [SQLValue]) { self.values = values }

    package func text(_ column: Int) throws(StorageError) -> String {
        guard case .text(let text) = values[column] else { throw unexpected("text", column) }
        return text
    }

    package func integer(_ column: Int) throws(StorageError) -> Int64 {
        guard case .integer(let number) = values[column] else { throw unexpected("a whole number", column) }
        return number
    }

    package func textOrNull(_ column: Int) throws(StorageError) -> String? {
        values[column] == .null ? nil : try text(column)
    }

    package func integerOrNull(_ column: Int) throws(StorageError) -> Int64? {
        values[column] == .null ? nil : try integer(column)
    }

    private func unexpected(_ kind: String, _ column: Int) -> StorageError {
        .corrupt(database: "the database", detail: "column \(column) of a row is not \(kind)")
    }
}
