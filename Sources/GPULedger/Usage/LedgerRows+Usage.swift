// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Usage is booked in the transaction that changes a reservation's state: once, or not at all.

extension LedgerRows {
    /// With the grant: what its use will cost, and whom.
    func book(_ account: UsageAccount, _ price: UsagePrice, for id: String) throws(StorageError) {
        try connection.execute(
            "INSERT INTO usage_charge (reservation_id, account_id, milli_cards, memory_mib) VALUES ($1, $2, $3, $4)",
            [
                SQLValue(id), SQLValue(try number(of: account)), SQLValue(price.milliCards),
                SQLValue(price.memory.count),
            ])
    }

    /// With each change of state: use begins when the server runs, and is closed when it holds nothing any more.
    ///
    /// - Parameter isSeen: a cluster shows when the notebook runs. Where none does, the bind is the start.
    func bookUsage(
        of id: String, in state: Reservation.State, isSeen: Bool, at now: Instant
    ) throws(StorageError) {
        switch state {
        case .running, .overdue: try beginUsage(of: id, at: now)
        case .bound: if !isSeen { try beginUsage(of: id, at: now) }
        case .held, .releasing, .lost: return
        case .released, .expired, .cancelled, .failed: try closeUsage(of: id, at: now)
        }
    }

    private func beginUsage(of id: String, at now: Instant) throws(StorageError) {
        let unbegun = try connection.query(
            "SELECT 1 FROM usage_charge WHERE reservation_id = $1 AND began_elapsed_ms IS NULL", [SQLValue(id)])
        guard !unbegun.isEmpty else { return }
        try connection.execute(
            "UPDATE usage_charge SET began_elapsed_ms = $2 WHERE reservation_id = $1",
            [SQLValue(id), SQLValue(try moveUsageClock(to: now))])
    }

    private func closeUsage(of id: String, at now: Instant) throws(StorageError) {
        let charges = try connection.query(
            "SELECT account_id, milli_cards, memory_mib, began_elapsed_ms FROM usage_charge WHERE reservation_id = $1",
            [SQLValue(id)])
        guard let charge = charges.first else { return }
        try connection.execute("DELETE FROM usage_charge WHERE reservation_id = $1", [SQLValue(id)])
        guard let began = try charge.integerOrNull(3) else { return }
        let length = try moveUsageClock(to: now) - began
        try connection.execute(
            """
            INSERT INTO usage_interval (reservation_id, account_id, milli_cards, memory_mib, started_at_unix_ms,
                ended_at_unix_ms) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                SQLValue(id), charge.values[0], charge.values[1], charge.values[2],
                SQLValue(now.unixMilliseconds - length), SQLValue(now.unixMilliseconds),
            ])
    }

    /// The time that accounts go by: it grows with the wall clock and stands still while that is set back, so that no
    /// interval is below zero and all together are never longer than what has passed.
    func usageClock(at now: Instant) throws(StorageError) -> Int64 {
        let row = try connection.query("SELECT at_unix_ms, elapsed_ms FROM usage_clock", []).first
        guard let row else { return 0 }
        return try row.integer(1) + max(0, now.unixMilliseconds - row.integer(0))
    }

    private func moveUsageClock(to now: Instant) throws(StorageError) -> Int64 {
        let elapsed = try usageClock(at: now)
        try connection.execute(
            """
            INSERT INTO usage_clock (one, at_unix_ms, elapsed_ms) VALUES (1, $1, $2)
            ON CONFLICT (one) DO UPDATE SET at_unix_ms = excluded.at_unix_ms, elapsed_ms = excluded.elapsed_ms
            """, [SQLValue(now.unixMilliseconds), SQLValue(elapsed)])
        return elapsed
    }

    private func number(of account: UsageAccount) throws(StorageError) -> Int64 {
        let key = [account.deployment, account.user, account.payerGroup, account.profile, account.pool]
            .map { SQLValue($0) }
        let known = try connection.query(
            """
            SELECT id FROM usage_account WHERE deployment = $1 AND user_name = $2 AND payer_group = $3
                AND profile = $4 AND pool = $5
            """, key)
        if let row = known.first { return try row.integer(0) }
        let next = try connection.query("SELECT coalesce(max(id), 0) + 1 FROM usage_account", [])[0].integer(0)
        try connection.execute(
            """
            INSERT INTO usage_account (deployment, user_name, payer_group, profile, pool, id)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, key + [SQLValue(next)])
        return next
    }
}
