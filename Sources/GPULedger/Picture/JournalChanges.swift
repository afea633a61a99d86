// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// What the journal says after some entry.
struct JournalChanges {
    var reservations: [String: ChangedReservation] = [:]
    /// The last entry's number.
    var last: Int64
}

struct ChangedReservation {
    let id: String
    /// Nil while it lives.
    var endedAt: Instant?
    var isPlacedAnew = false
}

extension LedgerRows {
    /// Nil where these are more entries than `most`, or where the entry of `sequence` itself is not there.
    func changes(since sequence: Int64, most: Int) throws(StorageError) -> JournalChanges? {
        let rows = try connection.query(Self.entriesFrom, [SQLValue(sequence), SQLValue(most + 2)])
        let first = try rows.first?.integer(0)
        guard sequence == 0 || first == sequence, rows.count < most + 2 else { return nil }
        var changes = JournalChanges(last: sequence)
        for row in rows.dropFirst(sequence == 0 ? 0 : 1) {
            let id = try row.text(1)
            var change = changes.reservations[id] ?? ChangedReservation(id: id)
            if let ended = try row.integerOrNull(2) { change.endedAt = Instant(unixMilliseconds: ended) }
            if try row.text(3) == LedgerEntry.Cause.placedAnew.rawValue { change.isPlacedAnew = true }
            changes.reservations[id] = change
            changes.last = try row.integer(0)
        }
        return changes
    }

    /// Not grouped: for that SQLite would read the whole journal, in the order of its other index.
    static let entriesFrom = """
        SELECT sequence, reservation_id, CASE WHEN \(hasEnded("to_state")) THEN at_unix_ms END, cause
        FROM ledger_entry WHERE sequence >= $1 ORDER BY sequence LIMIT $2
        """
}
