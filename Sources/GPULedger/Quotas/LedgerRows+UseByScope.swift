// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// What counts of every user, group, deployment and pool that has anything, with GPU-hours since `start`.
    func useByScope(since start: Instant, now: Instant) throws(StorageError) -> [QuotaScope: QuotaAmounts] {
        var use: [QuotaScope: QuotaAmounts] = [:]
        for (_, stored) in try liveCharges() {
            let running = stored.runningFrom.map { max(.zero, now - max($0, start)) } ?? .zero
            for scope in stored.scopes {
                use[scope, default: QuotaAmounts()].add(stored.charge, running: running)
            }
        }
        for (scope, days) in try hoursByDay() {
            let ended = days.reduce(0) { $0 + ($1.key >= start.day ? $1.value : 0) }
            if ended > 0 { use[scope, default: QuotaAmounts()].milliCardSeconds += ended }
        }
        return use
    }
}

extension QuotaAmounts {
    fileprivate mutating func add(_ charge: Charge, running: Duration) {
        sessions += 1
        milliCards += charge.milliCards
        memory = memory + charge.memory
        milliCardSeconds += charge.milliCards * Int(running.wholeSeconds)
    }
}
