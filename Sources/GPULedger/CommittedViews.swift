// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// What is answered from memory as of the last commit, beside the picture: bound reservations, use, and who waits.
///
/// Follows the journal, so that whatever changed a reservation is seen here too, whoever has written it.
final class CommittedViews: Sendable {
    let bound: BoundReservations
    let use: UseInView
    /// The last entry of the journal that has been followed.
    private let sequence: Mutex<Int64>

    init(reading rows: LedgerRows) throws(StorageError) {
        // First, so that what changes meanwhile is read again and not passed over.
        sequence = Mutex(try rows.lastSequence())
        bound = try BoundReservations(reading: rows)
        use = try UseInView(reading: rows)
    }

    /// To be called after each commit, on the writer's thread. What cannot be read now is read after the next; until
    /// then no reservation is known as bound: better to ask the database each time than to answer with what may have
    /// ended.
    func follow(_ rows: LedgerRows) {
        sequence.withLock { sequence in
            do throws(StorageError) {
                let last = min(try rows.lastSequence(), sequence + Self.followMax)
                let changed = last == sequence ? [] : try rows.reservations(changedAfter: sequence, through: last)
                try use.take(changed, rows)
                bound.take(changed)
                sequence = last
            } catch { bound.forget() }
        }
    }

    /// Entries at a time; the rest comes with the next commit.
    private static let followMax: Int64 = 10_000
}

extension LedgerRows {
    /// As they are now, those that the journal names after one entry and up to another.
    fileprivate func reservations(
        changedAfter sequence: Int64, through last: Int64
    ) throws(StorageError) -> [StoredReservation] {
        try reservations(where: Self.changedBetween, [SQLValue(sequence), SQLValue(last)])
    }

    static let changedBetween =
        "id IN (SELECT reservation_id FROM ledger_entry WHERE sequence > $1 AND sequence <= $2)"
}
