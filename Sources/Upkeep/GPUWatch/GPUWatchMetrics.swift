// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import GPULedger
import Synchronization

/// What `/metrics` says of the cluster that the ledger follows; of foreign use and nodes only where this replica leads.
final class GPUWatchMetrics: Sendable {
    private let leads = Meter(label: "berth_gpu_watch_leads")
    private let adoptions = Counter(label: "berth_gpu_late_adoptions_total")
    /// Resources that pods outside of Berth have used so far: a number that has gone is 0.
    private let resources = Mutex<Set<String>>([])

    /// All counters are there from the start: an alert on one that never was is silent.
    init() {
        leads.set(0)
        adoptions.increment(by: 0)
        for reason in WithheldNode.Reason.allCases { Self.withheld(reason).set(0) }
    }

    /// Of who does not lead, nothing is known.
    func note(leads isLeading: Bool) {
        leads.set(isLeading ? 1 : 0)
        if !isLeading { note(foreign: [], withheld: []) }
    }

    func note(_ observation: Observation) {
        guard observation.isTaken else { return }
        adoptions.increment(by: Int64(observation.adopted))
        note(foreign: observation.foreign, withheld: observation.withheld)
    }

    private func note(foreign: [ForeignUse], withheld: [WithheldNode]) {
        let amounts = Dictionary(foreign.map { ($0.resource, $0.amount) }, uniquingKeysWith: +)
        let known = resources.withLock { resources in
            resources.formUnion(amounts.keys)
            return resources
        }
        for resource in known { Self.foreign(resource).set(Int64(amounts[resource] ?? 0)) }
        for reason in WithheldNode.Reason.allCases {
            Self.withheld(reason).set(Int64(withheld.count { $0.reason == reason }))
        }
    }

    private static func foreign(_ resource: String) -> Meter {
        Meter(label: "berth_gpu_foreign_units", dimensions: [("resource", resource)])
    }

    private static func withheld(_ reason: WithheldNode.Reason) -> Meter {
        Meter(label: "berth_gpu_withheld_nodes", dimensions: [("reason", reason.rawValue)])
    }
}
