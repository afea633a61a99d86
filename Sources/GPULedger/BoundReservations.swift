// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// The reservations in use as of the last commit, in memory: a hub that asks again for a pod costs no transaction.
///
/// Follows the journal, so that whatever changed a reservation is seen here too.
final class BoundReservations: Sendable {
    /// Beyond it the newest are not kept, and are read from the database each time.
    static let countMax = 10_000

    fileprivate struct State {
        var bound: [String: Reservation]
        /// The last entry of the journal that has been followed.
        var sequence: Int64
    }

    private let state: Mutex<State>

    init(reading rows: LedgerRows) throws(StorageError) {
        let live = try rows.list(includingEnded: false, most: Self.countMax).map(\.reservation)
        let bound = live.filter { $0.state.isInUse }.map { ($0.id, $0) }
        state = Mutex(State(bound: Dictionary(uniqueKeysWithValues: bound), sequence: try rows.lastSequence()))
    }

    subscript(id: String) -> Reservation? { state.withLock { $0.bound[id] } }

    /// To be called after each commit, on the writer's thread. Where the journal cannot be read nothing is kept:
    /// better to ask the database each time than to answer with what may have ended.
    func follow(_ rows: LedgerRows) {
        state.withLock { state in
            do throws(StorageError) { try state.follow(rows) } catch { state.bound = [:] }
        }
    }
}

extension BoundReservations.State {
    fileprivate mutating func follow(_ rows: LedgerRows) throws(StorageError) {
        for entry in try rows.entries(after: sequence, most: Ledger.listMax) {
            bound[entry.reservationID] = nil
            if entry.to.isInUse, bound.count < BoundReservations.countMax {
                bound[entry.reservationID] = try rows.reservation(entry.reservationID)?.reservation
            }
            sequence = entry.sequence
        }
    }
}
