// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Picture {
    /// More changes than this are not followed one by one: reading all that is live is quicker.
    private static let followMax = 1000

    /// Brings the picture to the journal's last entry, inside the transaction that decides by it.
    ///
    /// When this throws the picture may be half way; following again puts it right, since each change puts a
    /// reservation's holds in the place of what it had.
    mutating func follow(_ rows: LedgerRows) throws(StorageError) {
        guard let changes = try rows.changes(since: sequence, most: Self.followMax) else { return try readAll(rows) }
        chooseWitness(besides: changes.reservations)
        let holds = Dictionary(
            grouping: try rows.holds(changedAfter: sequence, and: witness ?? ""), by: \.reservationID)
        guard isInTime(holds) else { return try readAll(rows) }
        for change in changes.reservations.values { try follow(change, holds[change.id] ?? [], rows) }
        sequence = changes.last
    }

    private mutating func follow(
        _ change: ChangedReservation, _ holds: [Hold], _ rows: LedgerRows
    ) throws(StorageError) {
        let isElsewhere = change.endedAt != nil && change.isPlacedAnew
        set(holds, of: change.id, endedAt: isElsewhere ? nil : change.endedAt)
        // What it was the last to share is not what this knows of.
        if isElsewhere, let endedAt = change.endedAt {
            keepOpen(try rows.shares(of: change.id).map { ($0.pool, $0.device, endedAt) })
        }
    }

    /// When the wall clock was set the times of all that is live have moved, of which the journal says nothing: one
    /// reservation that nothing else has happened to tells it for all.
    private mutating func chooseWitness(besides changed: [String: ChangedReservation]) {
        guard witness.map({ changed[$0] != nil || holds(of: $0).isEmpty }) ?? true else { return }
        witness = held.firstKey { id, holds in changed[id] == nil && holds.contains(where: \.hasTime) }
    }

    private func isInTime(_ found: [String: [Hold]]) -> Bool {
        guard let witness else { return true }
        return found[witness]?.first?.lasts == holds(of: witness).first?.lasts
    }

    static func reading(
        _ rows: LedgerRows, _ catalogue: DeviceCatalogue
    ) throws(StorageError) -> Picture {
        var picture = Picture(catalogue)
        try picture.readAll(rows)
        return picture
    }

    private mutating func readAll(_ rows: LedgerRows) throws(StorageError) {
        var all = Picture(catalogue)
        // First: what changes meanwhile is then followed and not passed over.
        all.sequence = try rows.lastSequence()
        all.add(try rows.holds())
        all.keepOpen(try rows.lastShares())
        self = all
    }
}

extension LedgerRows {
    /// The devices that a reservation shares, or has shared.
    fileprivate func shares(of id: String) throws(StorageError) -> [(pool: String, device: String)] {
        let rows = try connection.query(
            """
            SELECT r.pool, p.device FROM reservation r JOIN placement p ON p.reservation_id = r.id
            WHERE r.id = $1 AND p.mode = 'shared'
            """, [SQLValue(id)])
        return try rows.mapRows { (row) throws(StorageError) in (try row.text(0), try row.text(1)) }
    }

    /// When somebody last ended a share, by pool and device, as far as the journal's newest entries tell.
    fileprivate func lastShares() throws(StorageError) -> [(pool: String, device: String, at: Instant)] {
        let rows = try connection.query(
            """
            SELECT r.pool, p.device, max(e.at_unix_ms)
            FROM ledger_entry e JOIN reservation r ON r.id = e.reservation_id
                JOIN placement p ON p.reservation_id = r.id
            WHERE e.sequence > (SELECT coalesce(max(sequence), 0) - 10000 FROM ledger_entry)
                AND p.mode = 'shared' AND \(Self.hasEnded("e.to_state"))
            GROUP BY r.pool, p.device
            """)
        return try rows.mapRows { (row) throws(StorageError) in
            (try row.text(0), try row.text(1), Instant(unixMilliseconds: try row.integer(2)))
        }
    }

    static func hasEnded(_ column: String) -> String {
        anySQL(column, Reservation.State.allCases.filter { !$0.holdsCapacity }.map(\.rawValue))
    }
}

extension Hold {
    fileprivate var hasTime: Bool {
        switch lasts {
        case .held: true
        case .bound(let endsBy): endsBy != nil
        }
    }
}
