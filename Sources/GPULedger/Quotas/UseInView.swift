// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// What counts against quotas and who waits, as of the last commit: what the form shows without asking the database.
///
/// Follows the journal, as `BoundReservations` does.
final class UseInView: Sendable {
    fileprivate struct State {
        var charges: [String: LedgerRows.StoredCharge] = [:]
        var sums: [QuotaScope: QuotaAmounts] = [:]
        /// Of sessions that have ended, by day.
        var hours: [QuotaScope: [Int64: Int]] = [:]
        var running = RunningUse()
        var tickets: [Ticket] = []
        /// The last entry of the journal that has been followed.
        var sequence: Int64 = 0
    }

    private let state = Mutex(State())

    init(reading rows: LedgerRows) throws(StorageError) {
        var read = State()
        // First, so that what changes meanwhile is read again and not passed over.
        read.sequence = try rows.lastSequence()
        for (id, charge) in try rows.liveCharges() { read.add(charge, id) }
        read.hours = try rows.hoursByDay()
        try read.follow(rows)
        state.withLock { $0 = read }
    }

    /// With GPU-hours since `start`, the beginning of a period.
    func amounts(in scope: QuotaScope, since start: Instant, now: Instant) -> QuotaAmounts {
        state.withLock { state in
            if state.running.start != start {
                state.running = RunningUse(of: state.charges.values, since: start)
            }
            var sum = state.sums[scope] ?? QuotaAmounts()
            let ended = (state.hours[scope] ?? [:]).reduce(0) { $0 + ($1.key >= start.day ? $1.value : 0) }
            sum.milliCardSeconds = ended + state.running.milliCardSeconds(in: scope, now: now)
            return sum
        }
    }

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
            if let charge = try rows.charge(of: entry.reservationID) {
                if charge.isLive { add(charge, entry.reservationID) } else { try readHours(of: charge, rows) }
            }
            sequence = entry.sequence
        }
        tickets = try rows.tickets()
    }

    fileprivate mutating func add(_ stored: LedgerRows.StoredCharge, _ id: String) {
        charges[id] = stored
        count(stored, 1)
    }

    /// Read whole, so that following twice counts nothing twice.
    private mutating func readHours(of ended: LedgerRows.StoredCharge, _ rows: LedgerRows) throws(StorageError) {
        guard ended.runningFrom != nil else { return }
        for scope in ended.scopes { hours[scope] = try rows.hoursByDay(in: scope) }
    }

    private mutating func count(_ stored: LedgerRows.StoredCharge, _ times: Int) {
        running.count(stored, times)
        for scope in stored.scopes {
            var sum = sums[scope] ?? QuotaAmounts()
            sum.sessions += times
            sum.milliCards += times * stored.charge.milliCards
            sum.memory = MiB(sum.memory.count + times * stored.charge.memory.count)
            sums[scope] = sum.sessions == 0 ? nil : sum
        }
    }
}
