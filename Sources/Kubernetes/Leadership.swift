// SPDX-License-Identifier: Apache-2.0
internal import JSONTree
internal import Synchronization

/// Which Lease, and how long it holds.
package struct LeadershipTerms: Hashable, Sendable {
    package let namespace: String
    package let name: String
    /// Of this process alone: its pod's name and something random.
    package let identity: String
    /// For how long others leave a Lease alone that does not change; whole seconds.
    package var duration = Duration.seconds(15)
    /// For how long a leader leads without having renewed it; what is left of `duration` is the time to stop in.
    package var renewDeadline = Duration.seconds(10)
    /// Between two renewals, and two attempts to lead.
    package var pause = Duration.seconds(2)

    package init(in namespace: String, _ name: String, identity: String) {
        self.namespace = namespace
        self.name = name
        self.identity = identity
    }
}

/// A time of leading, from taking a Lease until it can't be renewed or is given back.
package final class LeadershipTerm: Sendable {
    /// Higher for each one that leads after another: what a later leader has written, an earlier one leaves alone.
    package let fencing: Int
    private let until: Mutex<ContinuousClock.Instant>

    init(fencing: Int, until: ContinuousClock.Instant) {
        self.fencing = fencing
        self.until = Mutex(until)
    }

    /// Nobody else leads at this moment, however slow we are: to be asked before each change that only a leader makes.
    package var isHeld: Bool { .now < end }

    var end: ContinuousClock.Instant { until.withLock { $0 } }
    func extend(to end: ContinuousClock.Instant) { until.withLock { $0 = max($0, end) } }
    func close() { until.withLock { $0 = .now } }
}

/// One leader among the replicas of Berth, by a Lease that only one can hold.
///
/// Nobody's clock is trusted but our own, and of that only spans: a Lease has lapsed when we have seen no change of it
/// for its duration. A leader counts from before it asked for a renewal, the others from after they saw it, so that it
/// stops first.
package final class Leadership: Sendable {
    let cluster: Cluster
    let terms: LeadershipTerms
    let lease: ObjectName

    package init(of cluster: Cluster, _ terms: LeadershipTerms) {
        precondition(
            terms.pause < terms.renewDeadline && terms.renewDeadline < terms.duration, "a leader stops in time")
        self.cluster = cluster
        self.terms = terms
        lease = ObjectName(.lease, in: terms.namespace, terms.name)
    }

    /// Seeks to lead until the task is cancelled, and runs `lead` while it does. `lead` is cancelled when leading ends;
    /// where it returns by itself, the Lease is given back and sought again.
    ///
    /// - Parameter failed: is told why the Lease can't be read or renewed at the moment.
    package func run(
        failed: @escaping @Sendable (KubernetesError) -> Void = { _ in },
        lead: @escaping @Sendable (LeadershipTerm) async -> Void
    ) async {
        var view = LeaseView()
        while !Task.isCancelled {
            do throws(KubernetesError) {
                if let held = try await take(&view) { await self.lead(held, failed, lead) }
            } catch {
                if !Task.isCancelled { failed(error) }
            }
            try? await Task.sleep(for: terms.pause * (0.75 + .random(in: 0..<0.5)))
        }
    }

    private func lead(
        _ held: HeldLease, _ failed: @escaping @Sendable (KubernetesError) -> Void,
        _ lead: @escaping @Sendable (LeadershipTerm) async -> Void
    ) async {
        await withTaskGroup { group in
            group.addTask { await lead(held.term) }
            group.addTask { await self.keep(held, failed) }
            // Whichever ends first ends the other.
            await group.next()
            group.cancelAll()
        }
        held.term.close()
        await giveBack(held.term.fencing)
    }
}
