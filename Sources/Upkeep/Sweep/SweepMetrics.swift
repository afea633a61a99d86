// SPDX-License-Identifier: Apache-2.0
import CoreMetrics

/// What `/metrics` says of the sweep.
struct SweepMetrics: Sendable {
    enum Outcome: String, CaseIterable { case done, failed }

    private let deletions = Counter(label: "berth_sweep_deletions_total")

    /// All counters are there from the start: an alert on one that never was is silent.
    init() {
        for outcome in Outcome.allCases { Self.rounds(outcome).increment(by: 0) }
        deletions.increment(by: 0)
    }

    func note(_ outcome: Outcome) { Self.rounds(outcome).increment() }

    func note(_ plan: SweepPlan) {
        for reason in SweepPlan.Reason.allCases {
            Meter(label: "berth_sweep_objects_kept", dimensions: [("reason", reason.rawValue)])
                .set(Int64(plan.kept[reason] ?? 0))
        }
    }

    func noteDeletion() { deletions.increment() }

    private static func rounds(_ outcome: Outcome) -> Counter {
        Counter(label: "berth_sweep_rounds_total", dimensions: [("outcome", outcome.rawValue)])
    }
}
