// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Synchronization

/// `berth_decisions_total` by route and code, each counter made once.
///
/// Routes and codes are ours, so there are few.
package final class DecisionCounters: Sendable {
    private struct Key: Hashable {
        let route: String
        let code: String
    }

    private let counters = Mutex<[Key: Counter]>([:])

    package init() {}

    package func count(_ route: String, _ code: String) {
        counters.withLock { counters in
            let key = Key(route: route, code: code)
            if let counter = counters[key] { return counter.increment() }
            let counter = Counter(label: "berth_decisions_total", dimensions: [("route", route), ("code", code)])
            counters[key] = counter
            counter.increment()
        }
    }
}
