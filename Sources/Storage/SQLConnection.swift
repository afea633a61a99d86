// SPDX-License-Identifier: Apache-2.0

/// One session with a SQL database: statements run one after another, on one thread at a time.
///
/// Statements are written once for every driver: standard SQL, parameters `$1`, `$2`, … (each may appear more than
/// once), whole numbers of 64 bits, text in UTF-8. What differs between databases (how a transaction begins, where
/// the schema stands) is the driver's.
package protocol SQLConnection: AnyObject {
    /// What an operator would look for: the file's path, or the server's address without any secret.
    var name: String { get }
    var dialect: SQLDialect { get }

    /// Runs one statement and gives the number of rows that it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Int

    /// All rows of one statement, in the statement's order; may be empty. Bound it with `LIMIT` where it can grow.
    func query(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [SQLRow]

    /// Runs several statements without parameters, as a migration does.
    func run(script: String) throws(StorageError)

    /// Begins a transaction that may write: nobody else writes until it ends.
    func begin() throws(StorageError)
    /// Whether another connection has committed a change since this one's last transaction, as `begin` has found.
    var othersHaveWritten: Bool { get }
    /// Why the transaction that was begun last has to be run again from its begin, through no fault of its statements:
    /// the session was lost, or the database chose it to give way. Nil from each `begin` on.
    var faultToRepeat: StorageError? { get }
    /// Returns when what was written is durable. After an error the transaction may still be open: roll it back.
    func commit() throws(StorageError)
    /// Undoes an open transaction; without one, does nothing.
    func rollback()
    /// Whether a transaction is open that can still be committed: an error may have ended it, as any does in PostgreSQL, and
    /// a full disk in SQLite.
    var canGoOn: Bool { get }

    /// Rows changed through this connection so far; only ever grows, undone changes included.
    var changes: Int { get }

    /// Further calls throw `StorageError.closed`. Closing twice is the same as once.
    func close()
}

extension SQLConnection {
    @discardableResult
    package func execute(_ sql: String) throws(StorageError) -> Int { try execute(sql, []) }
    package func query(_ sql: String) throws(StorageError) -> [SQLRow] { try query(sql, []) }

    /// Runs `body` in a transaction of its own: all of it is durable when this returns, or none of it when it throws.
    package func transaction<Value, Failure: StorageFailure>(
        _ body: (any SQLConnection) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try Failure.wrapping { () throws(StorageError) in try begin() }
        do throws(Failure) {
            let value = try body(self)
            try Failure.wrapping { () throws(StorageError) in try commit() }
            return value
        } catch {
            rollback()
            throw error
        }
    }
}

/// An error that a transaction's body may throw; storage's own failures come to the caller in the same type.
package protocol StorageFailure: Error {
    init(_ storage: StorageError)
}

extension StorageFailure {
    package static func wrapping<Value>(_ work: () throws(StorageError) -> Value) throws(Self) -> Value {
        do throws(StorageError) { return try work() } catch { throw Self(error) }
    }
}
