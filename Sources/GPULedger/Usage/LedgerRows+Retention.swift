// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Of the oldest reservations those that ended before, whose usage is in the daily sums.
    func forgetReservations(before horizon: Instant, most: Int) throws(StorageError) -> Int {
        try connection.execute(
            "UPDATE retention SET journal_from_unix_ms = $1 WHERE journal_from_unix_ms < $1",
            [SQLValue(horizon.unixMilliseconds)])
        // Only so many are looked at, so that a turn's work has a bound: those that stay among the oldest are few.
        let gone = """
            (SELECT r.id FROM (SELECT id, state FROM reservation ORDER BY number LIMIT $2) r
            WHERE NOT \(Reservation.State.isLiveSQL("r.state"))
                AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.reservation_id = r.id AND e.at_unix_ms >= $1)
                AND NOT EXISTS (SELECT 1 FROM usage_interval u WHERE u.reservation_id = r.id))
            """
        let parameters = [SQLValue(horizon.unixMilliseconds), SQLValue(most)]
        for table in ["placement", "reservation_pod", "charge", "ledger_entry"] {
            try connection.execute("DELETE FROM \(table) WHERE reservation_id IN \(gone)", parameters)
        }
        return try connection.execute("DELETE FROM reservation WHERE id IN \(gone)", parameters)
    }

    /// The newest entry stays, since the next one's number follows from it.
    func forgetAudit(before horizon: Instant, most: Int) throws(StorageError) {
        try connection.execute(
            "UPDATE retention SET audit_from_unix_ms = $1 WHERE audit_from_unix_ms < $1",
            [SQLValue(horizon.unixMilliseconds)])
        try connection.execute(
            """
            DELETE FROM audit WHERE sequence < (SELECT max(sequence) FROM audit) AND sequence IN
                (SELECT sequence FROM audit WHERE at_unix_ms < $1 ORDER BY sequence LIMIT $2)
            """, [SQLValue(horizon.unixMilliseconds), SQLValue(most)])
    }
}
