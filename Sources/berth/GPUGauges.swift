// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Telemetry

/// What `/metrics` says of the pools and quotas, from what the last commit has published, and how many reservations
/// there are.
struct GPUGauges: Sendable {
    private let ledger: Ledger

    /// As old as what was never seen is.
    private let startedAt = Instant.now()

    init(_ ledger: Ledger) { self.ledger = ledger }

    /// Where the ledger does not answer, its reservations are left out: half a page is more than none.
    func all(under quotas: Quotas, now: Instant) async -> [MetricGauge] {
        let counts = try? await ledger.liveCounts()
        return pools(now) + limits(quotas, now) + snapshotAge(now) + (counts.map { [reservations($0)] } ?? [])
    }

    /// Of what people share; a user's own would name the user.
    private func limits(_ quotas: Quotas, _ now: Instant) -> [MetricGauge] {
        var used = MetricGauge("berth_gpu_quota_used")
        var limit = MetricGauge("berth_gpu_quota_limit")
        for standing in ledger.sharedQuotaStandings(under: quotas, now: now) {
            let labels = standing.scope.labels + [("measure", standing.measure.unit)]
            used.add(standing.used, labels)
            limit.add(standing.limit, labels)
        }
        var waiting = MetricGauge("berth_gpu_waiting")
        let rows = ledger.waitingRows(under: quotas, now: now)
        for pool in quotas.waitingLists.keys.sorted() {
            waiting.add(rows.count { $0.gpu.pool == pool }, [("pool", pool)])
        }
        return [used, limit, waiting]
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

extension QuotaScope {
    /// Never a user.
    fileprivate var labels: [(String, String)] {
        switch self {
        case .user: [("scope", "user")]
        case .group(let name): [("scope", "group"), ("name", name ?? "")]
        case .deployment(let name): [("scope", "deployment"), ("name", name)]
        case .pool(let name): [("scope", "pool"), ("name", name)]
        }
    }
}

extension QuotaMeasure {
    fileprivate var unit: String {
        switch self {
        case .sessions: "sessions"
        case .milliCards: "milli_cards"
        case .memory: "memory_mib"
        case .gpuHours: "milli_card_seconds"
        }
    }
}
