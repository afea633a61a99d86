// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// The same reservation on other devices; what it costs stays as it was granted.
    ///
    /// The schema refuses it for one that has ended.
    func placeAnew(
        _ stored: StoredReservation, on places: [Place], _ mode: Hold.Mode, evidence: String, at now: Instant
    ) throws(StorageError) -> Reservation {
        let id = stored.reservation.id
        try connection.execute("DELETE FROM placement WHERE reservation_id = $1", [SQLValue(id)])
        for place in places { try insert(place, mode, of: id) }
        let revised = try change(
            stored, Change(to: stored.reservation.state, cause: .placedAnew, evidence: evidence), at: now)
        return revised.placed(.init(places))
    }
}
