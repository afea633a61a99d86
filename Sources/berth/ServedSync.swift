// SPDX-License-Identifier: Apache-2.0
import Configuration
import Kubernetes
import Logging
import SpawnModel
import Synchronization
import Upkeep

/// The sync of the directory in a running Berth: done by the one of its replicas that leads, for as long as
/// `directory.sync` is written.
final class ServedSync: Sendable {
    private let keeper: SyncKeeper
    private let leadership: Leadership
    private let complaints: LeaseComplaints
    private let work = Mutex<Task<Void, Never>?>(nil)
    private let end = End()
    private let inForce: SiteInForce

    init(in cluster: Cluster, _ inForce: SiteInForce, _ log: Logger) {
        self.inForce = inForce
        keeper = SyncKeeper(
            cluster, log,
            SyncKeeper.Parts(
                setting: { inForce.site.servedSync },
                read: { setting throws(UpkeepError) in try await PeopleRead(from: setting, now: { .now() }) },
                changes: { setting, mark throws(UpkeepError) in try await setting.changes(since: mark) },
                now: { .now() }))
        leadership = Leadership(
            of: cluster,
            LeadershipTerms(in: cluster.access.namespace, "berth-sync", identity: ReplicaName.new()))
        complaints = LeaseComplaints("the sync", log)
    }

    /// Once the loops turn that the cluster is asked on.
    func start() {
        let task = Task.detached {
            while !Task.isCancelled {
                if self.isWanted { await self.seekLead() }
                try? await Task.sleep(for: .seconds(1))
            }
            self.end.isReached.store(true, ordering: .relaxed)
        }
        work.withLock { $0 = task }
    }

    private var isWanted: Bool { inForce.site.servedSync != nil }

    private final class End: Sendable {
        let isReached = Atomic<Bool>(false)
    }

    /// Gives the lead to another replica, which need not wait for it then; returns when that is done, or two seconds are
    /// over.
    func stop() async {
        guard let task = work.withLock({ $0 }) else { return }
        task.cancel()
        let deadline = ContinuousClock.now + .seconds(2)
        while !end.isReached.load(ordering: .relaxed), .now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// For `/readyz`; nil where nothing is synced.
    var words: String? { isWanted ? "\(keeper.standing)" : nil }

    private func seekLead() async {
        await withTaskGroup { group in
            group.addTask {
                await self.leadership.run(failed: { self.complaints.note($0) }) { term in
                    self.complaints.noteLead()
                    await self.keeper.lead { term.isHeld }
                }
            }
            group.addTask {
                while self.isWanted, (try? await Task.sleep(for: .seconds(1))) != nil {}
            }
            await group.next()
            group.cancelAll()
        }
    }
}

extension Site {
    /// Nil where `serve` syncs nothing.
    fileprivate var servedSync: SyncSetting? { directory?.sync == nil ? nil : syncSetting }
}
