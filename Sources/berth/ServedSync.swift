// SPDX-License-Identifier: Apache-2.0
import Configuration
import Glibc
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
            LeadershipTerms(in: cluster.access.namespace, "berth-sync", identity: Self.identity))
        complaints = LeaseComplaints(log)
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

    /// Of this process alone.
    private static var identity: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(host)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }
}

/// Says once that the Lease can't be read or renewed, and not at each attempt.
private final class LeaseComplaints: Sendable {
    private let log: Logger
    private let last = Mutex<String?>(nil)

    init(_ log: Logger) { self.log = log }

    func note(_ error: KubernetesError) {
        let isNew = last.withLock { last in
            defer { last = error.code }
            return last != error.code
        }
        guard isNew else { return }
        log.error(
            "nobody can lead the sync", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
    }

    func noteLead() {
        last.withLock { $0 = nil }
        log.notice("this replica leads the sync")
    }
}

extension Site {
    /// Nil where `serve` syncs nothing.
    fileprivate var servedSync: SyncSetting? { directory?.sync == nil ? nil : syncSetting }
}
