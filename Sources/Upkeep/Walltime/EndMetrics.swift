// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import SpawnModel

/// What `/metrics` says of servers that have to end.
struct EndMetrics: Sendable {
    enum Step: String, CaseIterable {
        case hubAsked = "hub-asked"
        case hubFailed = "hub-failed"
        case podDeleted = "pod-deleted"
        case podFailed = "pod-failed"
    }

    /// All are there from the start: an alert on one that never was is silent.
    init() {
        for reason in EndReason.allCases {
            for step in Step.allCases { counter(step, reason).increment(by: 0) }
        }
        noteDue([:])
    }

    func note(_ step: Step, _ reason: EndReason) { counter(step, reason).increment() }

    func noteDue(_ counts: [EndReason: Int]) {
        for reason in EndReason.allCases {
            Meter(label: "berth_end_due", dimensions: [("reason", reason.rawValue)]).set(Int64(counts[reason] ?? 0))
        }
    }

    private func counter(_ step: Step, _ reason: EndReason) -> Counter {
        Counter(
            label: "berth_end_steps_total", dimensions: [("reason", reason.rawValue), ("step", step.rawValue)])
    }
}
