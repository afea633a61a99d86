// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// A prepared statement; it is finalised with its last reference.
final class SQLiteStatement {
    private let database: OpaquePointer
    private let statement: OpaquePointer
    private let failure: (Int32, OpaquePointer) -> StorageError
    /// Per SQLite parameter (from 1) the number behind its `$`: SQLite numbers `$2` by where it first appears.
    private let parameterNumbers: [Int]

    init(
        _ sql: String,
        in database: OpaquePointer,
        failure: @escaping (Int32, OpaquePointer) -> StorageError
    ) throws(StorageError) {
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw failure(code, database) }
        self.database = database
        self.statement = made
        self.failure = failure
        self.parameterNumbers = Self.numbers(of: made)
    }

    deinit { sqlite3_finalize(statement) }

    /// Steps to the end, giving each row to `take`, and leaves the statement ready for its next use.
    func run(with parameters: [SQLValue], _ take: (SQLRow) -> Void) throws(StorageError) {
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        try bind(parameters)
        while true {
            let code = sqlite3_step(statement)
            switch code {
            case SQLITE_ROW: take(row())
            case SQLITE_DONE: return
            default: throw failure(code, database)
            }
        }
    }

    private func bind(_ parameters: [SQLValue]) throws(StorageError) {
        precondition(
            (parameterNumbers.max() ?? 0) == parameters.count,
            "a statement with parameters up to $\(parameterNumbers.max() ?? 0) was given \(parameters.count)"
        )
        for (index, number) in parameterNumbers.enumerated() {
            let code = bind(parameters[number - 1], at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code, database) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            // With its length, so that a zero byte inside is kept.
            text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text64(
                        statement,
                        index,
                        $0.baseAddress ?? Self.nothing,
                        UInt64($0.count),
                        Self.copied,
                        UInt8(SQLITE_UTF8)
                    )
                }
            }
        case .bytes(let bytes):
            bytes.withUnsafeBytes {
                sqlite3_bind_blob64(
                    statement,
                    index,
                    $0.baseAddress ?? .init(Self.nothing),
                    UInt64($0.count),
                    Self.copied
                )
            }
        }
    }

    private func row() -> SQLRow {
        SQLRow(values: (0..<sqlite3_column_count(statement)).map(value(at:)))
    }

    private func value(at column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT: .text(String(decoding: bytes(at: column), as: UTF8.self))
        case SQLITE_BLOB: .bytes(Array(bytes(at: column)))
        case SQLITE_NULL: .null
        // No table of ours has a column of floating point.
        default: .text(String(decoding: bytes(at: column), as: UTF8.self))
        }
    }

    private func bytes(at column: Int32) -> UnsafeRawBufferPointer {
        // The order matters: the pointer first, then its length, as SQLite's manual asks.
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    private static func numbers(of statement: OpaquePointer) -> [Int] {
        (0..<sqlite3_bind_parameter_count(statement)).map { index in
            guard let name = sqlite3_bind_parameter_name(statement, index + 1),
                let number = Int(String(cString: name).dropFirst()), number > 0
            else { preconditionFailure("parameters are written $1, $2, …") }
            return number
        }
    }

    /// Tells SQLite to copy what is bound, since it does not outlive the call.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    /// A valid address for empty text, where null would mean NULL.
    nonisolated(unsafe) private static let nothing = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))
}
