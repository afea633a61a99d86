// SPDX-License-Identifier: Apache-2.0
import Configuration
import Kubernetes
import Logging
import SpawnModel
import Upkeep

/// The sync of the directory in a running Berth: done by the one of its replicas that leads, for as long as
/// `directory.sync` is written.
final class ServedSync: Sendable {
    let work: LedWork
    private let keeper: SyncKeeper
    private let inForce: SiteInForce

    init(in cluster: Cluster, _ inForce: SiteInForce, _ log: Logger) {
        let keeper = SyncKeeper(
            cluster, log,
            SyncKeeper.Parts(
                setting: { inForce.site.servedSync },
                read: { setting throws(UpkeepError) in try await PeopleRead(from: setting, now: { .now() }) },
                changes: { setting, mark throws(UpkeepError) in try await setting.changes(since: mark) },
                now: { .now() }))
        work = LedWork(
            "the sync", lease: "berth-sync", in: cluster, log, while: { inForce.site.servedSync != nil },
            lead: { await keeper.lead(while: $0) })
        self.keeper = keeper
        self.inForce = inForce
    }

    /// For `/readyz`; nil where nothing is synced.
    var words: String? { inForce.site.servedSync == nil ? nil : "\(keeper.standing)" }
}

extension Site {
    /// Nil where `serve` syncs nothing.
    fileprivate var servedSync: SyncSetting? { directory?.sync == nil ? nil : syncSetting }
}
