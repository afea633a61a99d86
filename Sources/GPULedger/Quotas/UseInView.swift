// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// What counts against quotas and who waits, as of the last commit: what the form shows without asking the database.
final class UseInView: Sendable {
    fileprivate struct State {
        var charges: [String: LedgerRows.StoredCharge] = [:]
        var sums: [QuotaScope: QuotaAmounts] = [:]
        /// Of sessions that have ended, by day.
        var hours: [QuotaScope: [Int64: Int]] = [:]
        var running = RunningUse()
        var tickets: [Ticket] = []
    }

    private let state = Mutex(State())

    init(reading rows: LedgerRows) throws(StorageError) {
        var read = State()
        for (id, charge) in try rows.liveCharges() { read.add(charge, id) }
        read.hours = try rows.hoursByDay()
        read.tickets = try rows.tickets()
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

    func take(_ changed: [StoredReservation], _ rows: LedgerRows) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in try state.take(changed, rows) }
    }
}

extension UseInView.State {
    /// Taking twice is taking once.
    fileprivate mutating func take(_ changed: [StoredReservation], _ rows: LedgerRows) throws(StorageError) {
        for stored in changed {
            let id = stored.reservation.id
            if let gone = charges.removeValue(forKey: id) { count(gone, -1) }
            guard let charge = stored.charge else { continue }
            if charge.isLive { add(charge, id) } else { try readHours(of: charge, rows) }
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
