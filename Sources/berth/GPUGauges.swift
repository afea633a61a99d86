// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Telemetry

/// What `/metrics` says of the pools: read from what the last commit has published, so that a scrape costs no question
/// to the database.
struct GPUGauges: Sendable {
    private let ledger: Ledger

    init(_ ledger: Ledger) { self.ledger = ledger }

    var all: [MetricGauge] { pools + [reservations] }

    private var pools: [MetricGauge] {
        var capacity = MetricGauge("berth_gpu_pool_capacity")
        var free = MetricGauge("berth_gpu_pool_free")
        var largest = MetricGauge("berth_gpu_pool_largest_fit")
        var deficit = MetricGauge("berth_gpu_pool_deficit")
        for figures in ledger.poolFigures {
            let labels = [("pool", figures.pool), ("unit", figures.unit.rawValue)]
            capacity.add(figures.capacity, labels)
            free.add(figures.free, labels)
            largest.add(figures.largestFit, labels)
            deficit.add(figures.deficit, [("pool", figures.pool)])
        }
        return [capacity, free, largest, deficit]
    }

    private var reservations: MetricGauge {
        var gauge = MetricGauge("berth_gpu_reservations")
        let counts = ledger.liveCounts
        for state in Reservation.State.allCases {
            if let count = counts[state] { gauge.add(count, [("state", state.rawValue)]) }
        }
        return gauge
    }
}
