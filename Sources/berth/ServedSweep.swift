// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import Kubernetes
import Logging
import PodPatching
import SpawnModel
import SpawnPolicy
import Upkeep

extension LedWork {
    /// The sweep in a running Berth, for as long as the policy makes objects for one start.
    static func sweep(in cluster: Cluster, _ inForce: SiteInForce, _ ledger: Ledger, _ log: Logger) -> LedWork {
        let sweeper = Sweeper(cluster, ledger, log) { inForce.site.sweepSetting }
        return LedWork(
            "the sweep", lease: "berth-sweep", in: cluster, log, while: { inForce.site.sweepSetting != nil },
            lead: { await sweeper.lead(while: $0) })
    }
}

extension Site {
    /// Nil where no object ends with its start, the sidecars' credential neither, or no deployment says where its pods run.
    fileprivate var sweepSetting: SweepSetting? {
        guard pod.sidecars != nil || policy.objects.values.contains(where: { $0.lifetime == .session }) else {
            return nil
        }
        let placed = deployments.compactMap { deployment in
            deployment.namespace.map { (name: deployment.name, namespace: $0) }
        }
        return placed.isEmpty ? nil : SweepSetting(placed)
    }
}
