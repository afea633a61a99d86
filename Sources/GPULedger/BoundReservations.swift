// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// The reservations in use as of the last commit, in memory: a hub that asks again for a pod costs no transaction.
final class BoundReservations: Sendable {
    /// Beyond it the newest are not kept, and are read from the database each time.
    static let countMax = 10_000

    private let bound: Mutex<[String: Reservation]>

    init(reading rows: LedgerRows) throws(StorageError) {
        let live = try rows.list(includingEnded: false, most: Self.countMax).map(\.reservation)
        bound = Mutex(Dictionary(uniqueKeysWithValues: live.filter { $0.state.isInUse }.map { ($0.id, $0) }))
    }

    subscript(id: String) -> Reservation? { bound.withLock { $0[id] } }

    func take(_ changed: [StoredReservation]) {
        bound.withLock { bound in
            for reservation in changed.map(\.reservation) {
                bound[reservation.id] = nil
                if reservation.state.isInUse, bound.count < Self.countMax { bound[reservation.id] = reservation }
            }
        }
    }

    func forget() { bound.withLock { $0 = [:] } }
}
