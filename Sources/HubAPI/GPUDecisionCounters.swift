// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import GPULedger
import Synchronization

/// `berth_gpu_decisions_total` by pool, result and reason. Pools are the configuration's, so there are few.
final class GPUDecisionCounters: Sendable {
    private struct Key: Hashable {
        let pool: String
        let reason: String
    }

    private let counters = Mutex<[Key: Counter]>([:])

    func granted(_ pool: String) { count(pool, reason: "") }
    func denied(_ shortage: Shortage) { count(shortage.pool, reason: shortage.reason.rawValue) }

    private func count(_ pool: String, reason: String) {
        counters.withLock { counters in
            let key = Key(pool: pool, reason: reason)
            let counter =
                counters[key]
                ?? Counter(
                    label: "berth_gpu_decisions_total",
                    dimensions: [
                        ("pool", pool), ("result", reason.isEmpty ? "granted" : "denied"), ("reason", reason),
                    ])
            counters[key] = counter
            counter.increment()
        }
    }
}
