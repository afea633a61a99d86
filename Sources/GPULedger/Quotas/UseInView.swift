// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// What counts against quotas and who waits, as of the last commit: what the form shows without asking the database.
///
/// Follows the journal, as `BoundReservations` does. GPU-hours are not among it: a start finds out about them.
final class UseInView: Sendable {
    fileprivate struct State {
        var charges: [String: LedgerRows.StoredCharge] = [:]
        var sums: [QuotaScope: QuotaAmounts] = [:]
        var tickets: [Ticket] = []
        /// The last entry of the journal that has been followed.
        var sequence: Int64 = 0
    }

    private let state = Mutex(State())

    init(reading rows: LedgerRows) throws(StorageError) {
        var read = State()
        // From where use is booked on, so that those which have ended since are taken away again.
        read.sequence = try rows.bookedSequence()
        for (id, charge) in try rows.liveCharges() { read.add(charge, id) }
        try read.follow(rows)
        state.withLock { $0 = read }
    }

    func amounts(in scope: QuotaScope) -> QuotaAmounts { state.withLock { $0.sums[scope] ?? QuotaAmounts() } }

    /// Those in the list of `pool`, in their order.
    func tickets(of pool: String) -> [Ticket] {
        state.withLock { $0.tickets }.filter { $0.gpu.pool == pool }.sorted { $0.position < $1.position }
    }

    /// To be called after each commit, on the writer's thread. What cannot be read now is read after the next.
    func follow(_ rows: LedgerRows) {
        state.withLock { state in try? state.follow(rows) }
    }
}

extension UseInView.State {
    fileprivate mutating func follow(_ rows: LedgerRows) throws(StorageError) {
        for entry in try rows.entries(after: sequence, most: Ledger.listMax) {
            if let gone = charges.removeValue(forKey: entry.reservationID) { count(gone, -1) }
            if entry.to.holdsCapacity, let charge = try rows.charge(of: entry.reservationID) {
                add(charge, entry.reservationID)
            }
            sequence = entry.sequence
        }
        tickets = try rows.tickets()
    }

    fileprivate mutating func add(_ stored: LedgerRows.StoredCharge, _ id: String) {
        charges[id] = stored
        count(stored, 1)
    }

    private mutating func count(_ stored: LedgerRows.StoredCharge, _ times: Int) {
        for scope in stored.scopes {
            var sum = sums[scope] ?? QuotaAmounts()
            sum.sessions += times
            sum.milliCards += times * stored.charge.milliCards
            sum.memory = MiB(sum.memory.count + times * stored.charge.memory.count)
            sums[scope] = sum.sessions == 0 ? nil : sum
        }
    }
}
