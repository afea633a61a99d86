// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// What a session has used, for its account; nothing where it never ran.
    func closeInterval(of id: String, _ charge: StoredCharge, at now: Instant) throws(StorageError) {
        guard let account = charge.account, let began = charge.beganElapsed else { return }
        let length = try moveUsageClock(to: now) - began
        try connection.execute(
            """
            INSERT INTO usage_interval (reservation_id, account_id, milli_cards, memory_mib, started_at_unix_ms,
                ended_at_unix_ms) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                SQLValue(id), SQLValue(account), SQLValue(charge.charge.milliCards),
                SQLValue(charge.charge.memory.count), SQLValue(now.unixMilliseconds - length),
                SQLValue(now.unixMilliseconds),
            ])
    }

    /// The time that accounts go by: it grows with the wall clock and stands still while that is set back, so that no
    /// interval is below zero and all together are never longer than what has passed.
    func usageClock(at now: Instant) throws(StorageError) -> Int64 {
        let row = try connection.query("SELECT at_unix_ms, elapsed_ms FROM usage_clock", []).first
        guard let row else { return 0 }
        return try row.integer(1) + max(0, now.unixMilliseconds - row.integer(0))
    }

    func moveUsageClock(to now: Instant) throws(StorageError) -> Int64 {
        let elapsed = try usageClock(at: now)
        try connection.execute(
            """
            INSERT INTO usage_clock (one, at_unix_ms, elapsed_ms) VALUES (1, $1, $2)
            ON CONFLICT (one) DO UPDATE SET at_unix_ms = excluded.at_unix_ms, elapsed_ms = excluded.elapsed_ms
            """, [SQLValue(now.unixMilliseconds), SQLValue(elapsed)])
        return elapsed
    }

    func number(of account: UsageAccount) throws(StorageError) -> Int64 {
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
