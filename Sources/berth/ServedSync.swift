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
    private let work: Task<Void, Never>
    private let end = End()
    private let inForce: SiteInForce

    init(in cluster: Cluster, _ inForce: SiteInForce, _ log: Logger) {
        self.inForce = inForce
        let setting = { @Sendable in inForce.site.servedSync }
        let keeper = SyncKeeper(
            cluster, log,
            SyncKeeper.Parts(
                setting: setting,
                read: { setting throws(UpkeepError) in try await PeopleRead(from: setting, now: { .now() }) },
                changes: { setting, mark throws(UpkeepError) in try await setting.changes(since: mark) },
                now: { .now() }))
        self.keeper = keeper
        let leadership = Leadership(
            of: cluster,
            LeadershipTerms(in: cluster.access.namespace, "berth-sync", identity: Self.identity))
        let (complaints, end) = (LeaseComplaints(log), end)
        work = Task.detached {
            while !Task.isCancelled {
                if setting() != nil { await Self.seekLead(leadership, keeper, complaints, while: setting) }
                try? await Task.sleep(for: .seconds(1))
            }
            end.isReached.store(true, ordering: .relaxed)
        }
    }

    private final class End: Sendable {
        let isReached = Atomic<Bool>(false)
    }

    /// Gives the lead to another replica, which need not wait for it then; returns when that is done, or two seconds are
    /// over.
    func stop() async {
        work.cancel()
        let deadline = ContinuousClock.now + .seconds(2)
        while !end.isReached.load(ordering: .relaxed), .now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// For `/readyz`; nil where nothing is synced.
    var words: String? { inForce.site.servedSync == nil ? nil : "\(keeper.standing)" }

    private static func seekLead(
        _ leadership: Leadership, _ keeper: SyncKeeper, _ complaints: LeaseComplaints,
        while setting: @escaping @Sendable () -> SyncSetting?
    ) async {
        await withTaskGroup { group in
            group.addTask {
                await leadership.run(failed: { complaints.note($0) }) { term in
                    complaints.noteLead()
                    await keeper.lead { term.isHeld }
                }
            }
            group.addTask {
                while setting() != nil, (try? await Task.sleep(for: .seconds(1))) != nil {}
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
