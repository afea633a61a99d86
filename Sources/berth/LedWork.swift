// SPDX-License-Identifier: Apache-2.0
import Kubernetes
import Logging
import Synchronization

/// Work that one replica of Berth does for all of them: whichever holds the Lease, for as long as the work is wanted.
final class LedWork: Sendable {
    /// Does the work until the lead is lost or the task is cancelled; it is given whether the lead is held.
    typealias Lead = @Sendable (_ isHeld: @escaping @Sendable () -> Bool) async -> Void

    private let leadership: Leadership
    private let complaints: LeaseComplaints
    private let isWanted: @Sendable () -> Bool
    private let lead: Lead
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - what: as the log has it, such as `the sync`.
    ///   - isWanted: what the configuration in force says; asked once a second.
    init(
        _ what: String, lease: String, in cluster: Cluster, _ log: Logger,
        while isWanted: @escaping @Sendable () -> Bool, lead: @escaping Lead
    ) {
        leadership = Leadership(
            of: cluster, LeadershipTerms(in: cluster.access.namespace, lease, identity: ReplicaName.new()))
        complaints = LeaseComplaints(what, log)
        self.isWanted = isWanted
        self.lead = lead
    }

    /// Once the loops turn that the cluster is asked on.
    func start() {
        let task = Task.detached {
            while !Task.isCancelled {
                if self.isWanted() { await self.seekLead() }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        self.task.withLock { $0 = task }
    }

    /// Gives the lead to another replica, which need not wait for it then; returns when that is done, or two seconds are
    /// over.
    func stop() async {
        guard let task = task.withLock({ $0 }) else { return }
        task.cancel()
        await task.end(within: .seconds(2))
    }

    private func seekLead() async {
        await withTaskGroup { group in
            group.addTask {
                await self.leadership.run(failed: { self.complaints.note($0) }) { term in
                    self.complaints.noteLead()
                    await self.lead { term.isHeld }
                }
            }
            group.addTask {
                while self.isWanted(), (try? await Task.sleep(for: .seconds(1))) != nil {}
            }
            await group.next()
            group.cancelAll()
        }
    }
}

extension Task<Void, Never> {
    /// Returns when the task has ended, or the time is over: then it goes on without being waited for.
    func end(within span: Duration) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let waiting = Task {
            await self.value
            end.finish()
        }
        let clock = Task {
            try? await Task<Never, Never>.sleep(for: span)
            end.finish()
        }
        for await _ in ends {}
        waiting.cancel()
        clock.cancel()
    }
}
