// SPDX-License-Identifier: Apache-2.0
import CoreMetrics

/// What `/metrics` says of servers whose time is over.
struct EndMetrics: Sendable {
    enum Step: String, CaseIterable {
        case hubAsked = "hub-asked"
        case hubFailed = "hub-failed"
        case podDeleted = "pod-deleted"
        case podFailed = "pod-failed"
    }

    private let due = Meter(label: "berth_walltime_over")

    /// All counters are there from the start: an alert on one that never was is silent.
    init() {
        for step in Step.allCases { counter(step).increment(by: 0) }
        due.set(0)
    }

    func note(_ step: Step) { counter(step).increment() }
    func noteDue(_ count: Int) { due.set(Int64(count)) }

    private func counter(_ step: Step) -> Counter {
        Counter(label: "berth_walltime_end_steps_total", dimensions: [("step", step.rawValue)])
    }
}
