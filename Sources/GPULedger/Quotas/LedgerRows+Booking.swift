// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Use follows the journal: whatever changed a reservation, and on whose evidence, is booked here once, in the transaction
// of the next question.

extension LedgerRows {
    /// Books the journal's entries that are not booked yet.
    func bookUse() throws(StorageError) {
        let booked = try bookedSequence()
        var last = booked
        while true {
            let entries = try entries(after: last, most: Self.bookedAtOnce)
            for entry in entries { try book(entry) }
            last = entries.last?.sequence ?? last
            guard entries.count == Self.bookedAtOnce else { break }
        }
        guard last > booked else { return }
        try connection.execute("UPDATE quota_cursor SET sequence = $1", [SQLValue(last)])
    }

    private static let bookedAtOnce = 1000

    /// The journal's last entry that is booked.
    func bookedSequence() throws(StorageError) -> Int64 {
        try connection.query("SELECT sequence FROM quota_cursor", [])[0].integer(0)
    }

    private func book(_ entry: LedgerEntry) throws(StorageError) {
        guard let known = try chargeOrNew(of: entry.reservationID) else { return }
        let id = entry.reservationID
        if entry.from == nil {
            try changeFairUse(of: known) { $0.addingEntry(milliCards: known.charge.milliCards, at: entry.at) }
        }
        guard entry.to.holdsCapacity else {
            if known.isLive, let from = known.runningFrom { try book(known, from: from, to: entry.at) }
            return try setCharge(id, isLive: false, runningFrom: known.runningFrom)
        }
        var runs = known.isLive ? known.runningFrom : nil
        if runs == nil, try isRunning(entry) { runs = entry.at }
        guard !known.isLive || runs != known.runningFrom else { return }
        try setCharge(id, isLive: true, runningFrom: runs)
    }

    /// When the wall clock was set: what was written before is booked as it was written.
    func moveTimesOfUse(by jump: SQLValue) throws(StorageError) {
        try bookUse()
        try connection.execute(
            "UPDATE charge SET running_from_unix_ms = running_from_unix_ms + $1 WHERE is_live = 1", [jump])
        try connection.execute(
            """
            UPDATE ticket SET created_at_unix_ms = created_at_unix_ms + $1, seen_at_unix_ms = seen_at_unix_ms + $1,
                claim_until_unix_ms = claim_until_unix_ms + $1
            """, [jump])
    }

    /// Where pods can be seen, from when the notebook runs; else from when the hub has the pod, or runs the server.
    private func isRunning(_ entry: LedgerEntry) throws(StorageError) -> Bool {
        switch entry.to {
        case .running, .overdue: return true
        case .bound where standing.cluster == nil: return true
        case .bound: return try reservation(entry.reservationID)?.isPodless == true
        case .held, .releasing, .lost, .released, .expired, .cancelled, .failed: return false
        }
    }

    /// What the ledger holds without having granted it counts all the same, to nobody's group.
    private func chargeOrNew(of id: String) throws(StorageError) -> StoredCharge? {
        if let known = try charge(of: id) { return known }
        guard let reservation = try reservation(id)?.reservation, reservation.gpu != nil else { return nil }
        try connection.execute(
            """
            INSERT INTO charge (reservation_id, deployment, user_name, payer, pool, milli_cards, memory_mib, is_live)
            SELECT r.id, r.deployment, r.user_name, '', r.pool, 1000 * coalesce(r.device_count, 1),
                (SELECT coalesce(CAST(sum(p.memory_mib) AS BIGINT), 0) FROM placement p WHERE p.reservation_id = r.id), 1
            FROM reservation r WHERE r.id = $1
            """,
            [SQLValue(id)])
        return try charge(of: id)
    }

    private func setCharge(_ id: String, isLive: Bool, runningFrom: Instant?) throws(StorageError) {
        try connection.execute(
            "UPDATE charge SET is_live = $2, running_from_unix_ms = $3 WHERE reservation_id = $1",
            [SQLValue(id), SQLValue(isLive ? 1 : 0), SQLValue(runningFrom?.unixMilliseconds)])
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

// MARK: - Fair use

extension LedgerRows {
    /// Nil where nothing was used yet.
    func fairUse(of scope: QuotaScope) throws(StorageError) -> DecayedUse? {
        let rows = try connection.query(
            """
            SELECT milli_card_seconds, at_unix_ms FROM fair_use WHERE scope = $1 AND deployment = $2 AND name = $3
            """,
            scope.key)
        return try rows.mapRows { (row) throws(StorageError) in
            DecayedUse(Int(try row.integer(0)), at: Instant(unixMilliseconds: try row.integer(1)))
        }.first
    }

    private func changeFairUse(
        of stored: StoredCharge, _ change: (DecayedUse) -> DecayedUse
    ) throws(StorageError) {
        for scope in stored.scopes where scope.hasFairUse {
            let use = change(try fairUse(of: scope) ?? DecayedUse(0, at: Instant(unixMilliseconds: 0)))
            try connection.execute(
                """
                INSERT INTO fair_use (scope, deployment, name, milli_card_seconds, at_unix_ms)
                VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (scope, deployment, name)
                DO UPDATE SET milli_card_seconds = excluded.milli_card_seconds, at_unix_ms = excluded.at_unix_ms
                """,
                scope.key + [SQLValue(use.value), SQLValue(use.at.unixMilliseconds)])
        }
    }
}

extension QuotaScope {
    fileprivate var hasFairUse: Bool {
        switch self {
        case .user, .group: true
        case .deployment, .pool: false
        }
    }
}
