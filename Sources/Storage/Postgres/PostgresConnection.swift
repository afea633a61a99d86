// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A PostgreSQL database in use, over one session at a time: when it is lost, the next transaction opens another.
///
/// Not for two threads at a time: `TransactionWriter` is what keeps the order.
package final class PostgresConnection: SQLConnection {
    package let name: String
    package var dialect: SQLDialect { .postgres }
    let terms: PostgresTerms
    /// Names this connection in `writer`, beyond the end of a session.
    let id = "\(UInt64.random(in: .min ... .max))-\(getpid())"

    /// Nil while there is none.
    var link: PostgresLink?
    var redial = Redial()
    private var isClosed = false
    package private(set) var changes = 0
    package private(set) var faultToRepeat: StorageError?
    package private(set) var othersHaveWritten = false

    /// The turn that the open transaction has found, and the last that this connection has seen; nil for none yet.
    private var turnFound: Int64 = 0
    private var turnSeen: Int64?
    private var changesAtBegin = 0

    init(_ terms: PostgresTerms) {
        self.terms = terms
        name = terms.name
    }

    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Int {
        let changed = try run(sql, parameters).changes
        changes += changed
        return changed
    }

    package func query(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [SQLRow] {
        try run(sql, parameters).rows
    }

    package func run(script: String) throws(StorageError) {
        try guarded { (link) throws(PostgresFault) in _ = try link.run(script) }
        // What a script has changed is not told; a migration changes something.
        changes += 1
    }

    private func run(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> PostgresResult {
        // C's strings end at a zero, and PostgreSQL's text cannot hold one.
        for case .text(let text) in parameters where text.utf8.contains(0) {
            throw .constraint(database: name, detail: "text with a zero byte in it")
        }
        return try guarded { (link) throws(PostgresFault) in try link.run(sql, parameters) }
    }

    /// Every use of the session goes through here, which notes what becomes of it.
    func guarded<Value>(_ work: (PostgresLink) throws(PostgresFault) -> Value) throws(StorageError) -> Value {
        guard let link else { throw faultToRepeat ?? .closed(database: name) }
        do throws(PostgresFault) { return try work(link) } catch {
            let seen = error.error(of: name)
            if error.asksForRepeat { faultToRepeat = seen }
            if error.endsSession { self.link = nil }
            throw seen
        }
    }

    /// Takes the row that every writer of the database takes first, and so waits until no other transaction is open.
    package func begin() throws(StorageError) {
        guard !isClosed else { throw .closed(database: name) }
        try connectIfNeeded()
        faultToRepeat = nil
        let found = try guarded { (link) throws(PostgresFault) in
            try link.run("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT turn FROM turn WHERE one = 1 FOR UPDATE").rows
        }
        guard let turn = try found.first?.integer(0) else {
            throw .corrupt(database: name, detail: "the table turn has lost its row")
        }
        turnFound = turn
        othersHaveWritten = turn != turnSeen
        changesAtBegin = changes
    }

    package func commit() throws(StorageError) {
        guard changes != changesAtBegin else {
            try finish("COMMIT")
            turnSeen = turnFound
            return
        }
        let turn = turnFound + 1
        let mark = """
            UPDATE turn SET turn = \(turn) WHERE one = 1;
            INSERT INTO writer (id, turn) VALUES ('\(id)', \(turn))
                ON CONFLICT (id) DO UPDATE SET turn = excluded.turn, at = now();
            COMMIT
            """
        do throws(StorageError) { try finish(mark) } catch {
            guard link == nil else { throw error }
            try expectCommitted(turn, after: error)
        }
        turnSeen = turn
    }

    private func finish(_ script: String) throws(StorageError) {
        let tag = try guarded { (link) throws(PostgresFault) in try link.run(script).tag }
        // A transaction in which something has failed answers COMMIT with this, and no error.
        guard tag == "COMMIT" else { throw .other(database: name, code: tag, detail: "the transaction was lost") }
    }

    package func rollback() {
        guard link?.isInTransaction ?? false else { return }
        _ = try? guarded { (link) throws(PostgresFault) in _ = try link.run("ROLLBACK") }
    }

    package var canGoOn: Bool { link?.canGoOn ?? false }

    package func close() {
        link = nil
        isClosed = true
    }
}
