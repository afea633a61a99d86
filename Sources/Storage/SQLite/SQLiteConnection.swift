// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// A SQLite file in use: durable commits, foreign keys on, statements prepared once.
///
/// Not for two threads at a time: SQLite's own locks are switched off, `TransactionWriter` is what keeps the order.
package final class SQLiteConnection: SQLConnection {
    package let name: String
    package var dialect: SQLDialect { .sqlite }
    private var handle: OpaquePointer?
    private var prepared: [StatementText: SQLiteStatement] = [:]
    package private(set) var othersHaveWritten = false
    package var faultToRepeat: StorageError? { nil }
    /// SQLite counts in it what other connections have committed.
    private var versionSeen: Int64?

    /// Code has a few dozen statements; the bound only guards against text made at run time.
    private static let preparedMax = 128

    init(adopting handle: OpaquePointer, file: String) {
        self.handle = handle
        self.name = file
    }

    deinit { close() }

    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Int {
        let before = changes
        let statement = try statement(for: sql)
        try statement.run(with: parameters) { _ in }
        return changes - before
    }

    package func query(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [SQLRow] {
        let statement = try statement(for: sql)
        var rows: [SQLRow] = []
        try statement.run(with: parameters) { rows.append($0) }
        return rows
    }

    package func run(script: String) throws(StorageError) {
        let database = try opened()
        let code = sqlite3_exec(database, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    // IMMEDIATE takes the write lock at once, so that what a transaction has read cannot change before it writes.
    package func begin() throws(StorageError) {
        try execute("BEGIN IMMEDIATE")
        let version = try query("PRAGMA data_version").first?.integer(0)
        othersHaveWritten = version != versionSeen
        versionSeen = version
    }

    package func commit() throws(StorageError) { try execute("COMMIT") }

    package func rollback() {
        // A rollback fails only when SQLite has rolled back already, which is what is wanted.
        if canGoOn { _ = try? execute("ROLLBACK") }
    }

    package var canGoOn: Bool { handle.map { sqlite3_get_autocommit($0) == 0 } ?? false }

    var isReadOnly: Bool { handle.map { sqlite3_db_readonly($0, "main") == 1 } ?? true }

    package var changes: Int { handle.map { Int(sqlite3_total_changes64($0)) } ?? 0 }

    package func close() {
        prepared.removeAll()
        if let handle { sqlite3_close_v2(handle) }
        handle = nil
    }

    /// The prepared form of `sql`, from the cache where it has been used before.
    private func statement(for sql: String) throws(StorageError) -> SQLiteStatement {
        let text = StatementText(sql: sql)
        if let known = prepared[text] { return known }
        let made = try SQLiteStatement(sql, in: try opened(), failure: { [name] in Self.failure($0, $1, name) })
        if prepared.count >= Self.preparedMax { prepared.removeAll() }
        prepared[text] = made
        return made
    }

    private func opened() throws(StorageError) -> OpaquePointer {
        guard let handle else { throw .closed(database: name) }
        return handle
    }

    private func failure(_ code: Int32) -> StorageError { Self.failure(code, handle, name) }

    static func failure(_ code: Int32, _ handle: OpaquePointer?, _ file: String) -> StorageError {
        let message = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        return .sqlite(
            code,
            message.map { String(cString: $0) } ?? "unknown error",
            systemError: handle.map { sqlite3_system_errno($0) } ?? 0,
            file: file
        )
    }
}

/// Hashed by its length and its end alone: a thousand letters would cost as much as many a statement that they say.
private struct StatementText: Hashable {
    let sql: String

    func hash(into hasher: inout Hasher) {
        hasher.combine(sql.utf8.count)
        for letter in sql.utf8.suffix(8) { hasher.combine(letter) }
    }
}
