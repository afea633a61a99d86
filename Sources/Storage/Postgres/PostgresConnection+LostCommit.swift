// SPDX-License-Identifier: Apache-2.0

extension PostgresConnection {
    /// Finds out on a new session whether the commit stands whose answer was lost with the old one.
    ///
    /// The transaction wrote its turn into this connection's own row of `writer`, which nobody else writes: it stands
    /// there if and only if all of the transaction does, also on a standby that has taken over.
    ///
    /// - Throws: `StorageError.conflict` when nothing of it was kept, so that it may be run again; the error that has
    ///   ended the session when no server answers in time, and then both may be.
    func expectCommitted(_ turn: Int64, after loss: StorageError) throws(StorageError) {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            if let found = try? lastTurn() {
                if found == turn { return }
                throw .conflict(database: name, detail: "the connection was lost before the commit")
            }
            Pause.milliseconds(100)
        }
        throw loss
    }

    /// Under the lock, so that a session that the server has not yet seen end is over.
    private func lastTurn() throws(StorageError) -> Int64 {
        try begin()
        defer { rollback() }
        return try query("SELECT turn FROM writer WHERE id = $1", [SQLValue(id)]).first?.integer(0) ?? 0
    }
}
