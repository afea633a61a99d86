// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Picture {
    /// More changes than this are not followed one by one: reading all that is live is quicker.
    private static let followMax: Int64 = 1000

    /// Brings the picture to the journal's last entry, inside the transaction that decides by it.
    ///
    /// When this throws the picture may be half way; following again puts it right, since each change puts a
    /// reservation's holds in the place of what it had.
    mutating func follow(_ rows: LedgerRows) throws(StorageError) {
        let last = try rows.lastSequence()
        guard last >= sequence, last - sequence <= Self.followMax else { return try readAll(rows, last) }
        let changes = last == sequence ? [] : try rows.changed(after: sequence)
        guard try isInTime(rows, besides: Set(changes.map(\.id))) else { return try readAll(rows, last) }
        for change in changes { try follow(change, rows) }
        sequence = last
    }

    private mutating func follow(_ change: ChangedReservation, _ rows: LedgerRows) throws(StorageError) {
        let isElsewhere = change.endedAt != nil && change.isPlacedAnew
        set(try rows.holds(of: change.id), of: change.id, endedAt: isElsewhere ? nil : change.endedAt)
        // What it was the last to share is not what this knows of.
        if isElsewhere, let endedAt = change.endedAt {
            keepOpen(try rows.shares(of: change.id).map { ($0.pool, $0.device, endedAt) })
        }
    }

    /// Whether times are as they were. When the wall clock was set those of all that is live have moved, of which the
    /// journal says nothing: one reservation that nothing else has happened to tells it for all.
    private mutating func isInTime(_ rows: LedgerRows, besides changed: Set<String>) throws(StorageError) -> Bool {
        if witness.map({ changed.contains($0) || holds(of: $0).isEmpty }) ?? true {
            witness = held.firstKey { id, holds in !changed.contains(id) && holds.contains(where: \.hasTime) }
        }
        guard let witness else { return true }
        return try rows.holds(of: witness).first?.lasts == holds(of: witness).first?.lasts
    }

    static func reading(
        _ rows: LedgerRows, _ catalogue: DeviceCatalogue
    ) throws(StorageError) -> Picture {
        var picture = Picture(catalogue)
        try picture.readAll(rows, try rows.lastSequence())
        return picture
    }

    private mutating func readAll(_ rows: LedgerRows, _ last: Int64) throws(StorageError) {
        var all = Picture(catalogue)
        all.add(try rows.holds())
        all.keepOpen(try rows.lastShares())
        all.sequence = last
        self = all
    }
}

/// What the journal says of a reservation after some entry.
private struct ChangedReservation {
    let id: String
    /// Nil while it lives.
    var endedAt: Instant?
    var isPlacedAnew = false
}

extension LedgerRows {
    fileprivate func changed(after sequence: Int64) throws(StorageError) -> [ChangedReservation] {
        let rows = try connection.query(Self.entriesAfter, [SQLValue(sequence)])
        var changes: [String: ChangedReservation] = [:]
        for row in rows {
            let id = try row.text(0)
            var change = changes[id] ?? ChangedReservation(id: id)
            if let ended = try row.integerOrNull(1) { change.endedAt = Instant(unixMilliseconds: ended) }
            if try row.text(2) == LedgerEntry.Cause.placedAnew.rawValue { change.isPlacedAnew = true }
            changes[id] = change
        }
        return Array(changes.values)
    }

    /// Not grouped: for that SQLite would read the whole journal, in the order of its other index.
    static let entriesAfter = """
        SELECT reservation_id, CASE WHEN \(hasEnded("to_state")) THEN at_unix_ms END, cause
        FROM ledger_entry WHERE sequence > $1 ORDER BY sequence
        """

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

    private static func hasEnded(_ column: String) -> String {
        let states = Reservation.State.allCases.filter { !$0.holdsCapacity }.map { "'\($0.rawValue)'" }
        return "\(column) IN (\(states.joined(separator: ", ")))"
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
