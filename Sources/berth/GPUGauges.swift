// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Telemetry

/// What `/metrics` says of the pools, from what the last commit has published, and how many reservations there are.
struct GPUGauges: Sendable {
    private let ledger: Ledger

    /// As old as what was never seen is.
    private let startedAt = Instant.now()

    init(_ ledger: Ledger) { self.ledger = ledger }

    /// Where the ledger does not answer, its reservations are left out: half a page is more than none.
    func all(now: Instant) async -> [MetricGauge] {
        let counts = try? await ledger.liveCounts()
        return pools(now) + snapshotAge(now) + (counts.map { [reservations($0)] } ?? [])
    }

    private func snapshotAge(_ now: Instant) -> [MetricGauge] {
        guard ledger.expectsCluster else { return [] }
        var gauge = MetricGauge("berth_gpu_snapshot_age_seconds")
        gauge.add(max(0, Int((now - (ledger.clusterSeenAt ?? startedAt)).wholeSeconds)), [])
        return [gauge]
    }

    private func pools(_ now: Instant) -> [MetricGauge] {
        var capacity = MetricGauge("berth_gpu_pool_capacity")
        var free = MetricGauge("berth_gpu_pool_free")
        var largest = MetricGauge("berth_gpu_pool_largest_fit")
        var deficit = MetricGauge("berth_gpu_pool_deficit")
        for figures in ledger.poolFigures(now: now) {
            let labels = [("pool", figures.pool), ("unit", figures.unit.rawValue)]
            capacity.add(figures.capacity, labels)
            free.add(figures.free, labels)
            largest.add(figures.largestFit, labels)
            deficit.add(figures.deficit, [("pool", figures.pool)])
        }
        return [capacity, free, largest, deficit]
    }

    private func reservations(_ counts: [Reservation.State: Int]) -> MetricGauge {
        var gauge = MetricGauge("berth_gpu_reservations")
        for state in Reservation.State.allCases {
            if let count = counts[state] { gauge.add(count, [("state", state.rawValue)]) }
        }
        return gauge
    }
}
