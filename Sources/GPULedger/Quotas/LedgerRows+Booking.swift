// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Use is booked in the transaction that changes a reservation's state: once, or not at all. Quotas count it by the wall
// clock, which people set limits by; accounts by a clock that nobody sets (`Usage/`).

extension LedgerRows {
    /// With the grant: what it holds counts at once, and so does the entry penalty.
    func open(
        _ charge: Charge, of request: ReservationRequest, in pool: String, id: String
    ) throws(StorageError) {
        let stored = try insert(charge, of: request, in: pool, id: id)
        try changeFairUse(of: stored) { $0.addingEntry(milliCards: charge.milliCards, at: request.now) }
    }

    /// With each change of state: use begins when the server runs, and ends when it holds nothing any more.
    ///
    /// - Parameters:
    ///   - charge: of the reservation before the change.
    ///   - isSeen: a cluster shows when the notebook runs. Where none does, the bind is the start.
    func book(
        _ charge: StoredCharge, of id: String, in state: Reservation.State, isSeen: Bool, at now: Instant
    ) throws(StorageError) {
        guard charge.isLive else { return }
        switch state {
        case .running, .overdue: try begin(charge, of: id, at: now)
        case .bound: if !isSeen { try begin(charge, of: id, at: now) }
        case .held, .releasing, .lost: return
        case .released, .expired, .cancelled, .failed: try end(charge, of: id, at: now)
        }
    }

    private func begin(_ charge: StoredCharge, of id: String, at now: Instant) throws(StorageError) {
        guard charge.runningFrom == nil else { return }
        try connection.execute(
            "UPDATE charge SET running_from_unix_ms = $2, began_elapsed_ms = $3 WHERE reservation_id = $1",
            [SQLValue(id), SQLValue(now.unixMilliseconds), SQLValue(try moveUsageClock(to: now))])
    }

    private func end(_ charge: StoredCharge, of id: String, at now: Instant) throws(StorageError) {
        try connection.execute(
            "UPDATE charge SET is_live = 0, began_elapsed_ms = NULL WHERE reservation_id = $1", [SQLValue(id)])
        if let from = charge.runningFrom { try book(charge, from: from, to: now) }
        try closeInterval(of: id, charge, at: now)
    }

    /// When the wall clock was set.
    func moveTimesOfUse(by jump: SQLValue) throws(StorageError) {
        try connection.execute(
            "UPDATE charge SET running_from_unix_ms = running_from_unix_ms + $1 WHERE is_live = 1", [jump])
        try connection.execute(
            """
            UPDATE ticket SET created_at_unix_ms = created_at_unix_ms + $1, seen_at_unix_ms = seen_at_unix_ms + $1,
                claim_until_unix_ms = claim_until_unix_ms + $1
            """, [jump])
    }

    private func book(_ stored: StoredCharge, from: Instant, to: Instant) throws(StorageError) {
        let milliCards = stored.charge.milliCards
        try changeFairUse(of: stored) { $0.adding(milliCards: milliCards, from: from, to: to) }
        // A day that nobody looks at any more is not kept.
        let oldest = to.day - Self.daysKept
        for day in stride(from: max(from.day, oldest), through: to.day, by: 1) {
            let part = min(to, Instant(day: day + 1)) - max(from, Instant(day: day))
            guard part > .zero else { continue }
            for scope in stored.scopes { try add(milliCards * Int(part.wholeSeconds), to: scope, on: day) }
        }
        try connection.execute("DELETE FROM quota_use WHERE day < $1", [SQLValue(oldest)])
    }

    /// More than the longest period has.
    private static let daysKept: Int64 = 40

    private func add(_ use: Int, to scope: QuotaScope, on day: Int64) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO quota_use (scope, deployment, name, day, milli_card_seconds) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (scope, deployment, name, day)
            DO UPDATE SET milli_card_seconds = quota_use.milli_card_seconds + excluded.milli_card_seconds
            """,
            scope.key + [SQLValue(day), SQLValue(use)])
    }
}
