// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPClient
import HubAPI
import JupyterHub
import Kubernetes
import LastUse
import Logging
import MeasuredUse
import PodPatching
import SpawnModel
import Upkeep

/// Ends servers whose walltime is over, or which nobody uses: by one replica where a cluster has a Lease to say which, by each otherwise, since
/// a hub that is asked twice stops once.
struct ServedEnds {
    private let keeper: EndKeeper
    /// Nil without a cluster.
    let work: LedWork?

    init(
        _ ledger: Ledger, _ lastUses: LastUses, asking: any WebAsking, in cluster: Cluster?, _ inForce: SiteInForce,
        _ log: Logger
    ) {
        let keeper = EndKeeper(
            ledger, asking: asking, in: cluster, log, now: { .now() }, idle: { await lastUses.over() },
            setting: { inForce.site.endSetting })
        self.keeper = keeper
        work = cluster.map { cluster in
            LedWork(
                "the end of walltimes", lease: "berth-walltime", in: cluster, log, while: { inForce.site.endsServers },
                lead: { await keeper.lead(while: $0) })
        }
    }

    /// Once the loops turn that hubs and cluster are asked on.
    func start() {
        guard let work else {
            Task.detached { [keeper] in await keeper.lead(while: { true }) }
            return
        }
        work.start()
    }
}

extension LastUses {
    static func serving(
        _ ledger: Ledger, _ board: UseBoard, asking: any WebAsking, _ inForce: SiteInForce, _ log: Logger
    ) -> LastUses {
        LastUses(
            ledger, board, asking: asking,
            LastUses.Parts(
                mark: Reservation.idleMark, limit: { $0.idleLimit },
                hub: { inForce.site.deployment($0)?.hubAddress }, now: { .now() }),
            log)
    }
}

extension Site {
    fileprivate var endSetting: EndSetting {
        let named = deployments.map { ($0.name, EndSetting.Deployment(hub: $0.hubAddress, namespace: $0.namespace)) }
        return EndSetting(Dictionary(named, uniquingKeysWith: { first, _ in first }), grace: pod.endGrace)
    }

    fileprivate var endsServers: Bool { deployments.contains { $0.hubAddress != nil || $0.namespace != nil } }
}
