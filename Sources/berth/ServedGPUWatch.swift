// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HubAPI
import Kubernetes
import Logging
import SpawnModel
import Synchronization
import Upkeep

/// The watch of nodes and pods in a running Berth, where the inventory is the cluster's. Every replica looks at nodes; the
/// one that leads tells the ledger of pods.
final class ServedGPUWatch: Sendable {
    let watch: GPUWatch
    private let leadership: Leadership
    private let complaints: LeaseComplaints
    private let work = Mutex<Task<Void, Never>?>(nil)
    private let holder = ReplicaName.new()

    init(
        in cluster: Cluster, _ terms: ClusterTerms, _ inForce: SiteInForce, _ ledger: Ledger, _ hub: HubRoutes,
        _ log: Logger
    ) {
        watch = GPUWatch(
            cluster, ledger, terms,
            GPUWatch.Parts(
                setting: { inForce.site.gpuSetting }, pod: { inForce.site.seenPod($0) },
                witness: LedgerWitness(ledger, hub, log), now: { .now() }),
            log)
        leadership = Leadership(of: cluster, terms.lease(in: cluster.access.namespace, identity: holder))
        complaints = LeaseComplaints("the watch of GPUs", log)
    }

    /// Once the loops turn that the cluster is asked on.
    func start() {
        let task = Task.detached {
            await withTaskGroup { group in
                group.addTask { await self.watch.run() }
                group.addTask {
                    await self.leadership.run(failed: { self.complaints.note($0) }) { term in
                        self.complaints.noteLead()
                        await self.watch.lead(as: self.holder) { term.isHeld }
                    }
                }
            }
        }
        work.withLock { $0 = task }
    }

    /// Gives the lead to another replica, which need not wait for it then; returns when that is done, or two seconds are
    /// over.
    func stop() async {
        guard let task = work.withLock({ $0 }) else { return }
        task.cancel()
        await task.end(within: .seconds(2))
    }
}

extension Site {
    /// What a watch of the cluster needs to know of it.
    var gpuSetting: GPUWatch.Setting {
        GPUWatch.Setting(
            id: ObjectIdentifier(self), pools: inventory.pools, devices: clusterInventory?.devices ?? DeviceTerms())
    }
}
