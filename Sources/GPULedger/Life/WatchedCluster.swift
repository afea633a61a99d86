// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Synchronization

/// Whether a cluster is to be seen, and what of it this process keeps in memory.
final class WatchedCluster: Sendable {
    fileprivate struct State {
        var standing = Standing()
        /// Of the newest complete snapshot, whoever took it in.
        var observedAt: Instant?
        var steady: (@Sendable () -> Duration)?
        /// The steady clock's when the cluster began to be expected.
        var sinceSteady: Duration?
        /// Since when held reservations have been without their devices.
        var missingSince: [String: Instant] = [:]
        /// The ledger's clock as of the last commit, and in the transaction that is open.
        var clock: (committed: LedgerClock?, working: LedgerClock?) = (nil, nil)
    }

    private let state = Mutex(State())
    /// Two processes never have the same.
    private let process = String(UInt64.random(in: .min ... .max), radix: 16)

    var hasCluster: Bool { state.withLock { $0.standing.cluster != nil } }
    var hasEpoch: Bool { state.withLock { $0.standing.epoch != nil } }

    /// Of the newest complete snapshot that this process has heard of.
    var observedAt: Instant? { state.withLock(\.observedAt) }

    /// - Parameter now: as `time` gives it.
    func standing(at now: Instant) -> Standing { state.withLock { $0.standing(at: now) } }

    func expect(_ terms: ClusterTerms?, since: Instant) {
        state.withLock {
            $0.standing.cluster = terms
            $0.standing.since = since
            $0.sinceSteady = $0.steady?()
        }
    }

    func lead(_ epoch: Int64) { state.withLock { $0.standing.epoch = epoch } }

    func keepTime(by steady: @escaping @Sendable () -> Duration) {
        state.withLock {
            $0.steady = steady
            $0.sinceSteady = steady()
        }
    }

    /// Nil where durations go by the wall clock alone.
    func reading(at wall: Instant) -> ClockReading? {
        state.withLock(\.steady).map { ClockReading(process: process, steady: $0(), wall: wall) }
    }

    /// When it is by the ledger's own clock, as of the last commit.
    func time(at wall: Instant) -> Instant {
        guard let reading = reading(at: wall) else { return wall }
        return state.withLock { $0.clock.committed?.time(at: reading) } ?? wall
    }

    /// The same in the transaction that is open; on the writer's thread.
    func time(at wall: Instant, _ reading: ClockReading?) -> Instant {
        guard let reading else { return wall }
        return state.withLock { $0.clock.working?.time(at: reading) } ?? wall
    }

    /// Keeps the clock in the transaction that is open, where it is this process's to keep; on the writer's thread.
    func settle(_ rows: LedgerRows, _ reading: ClockReading) throws(StorageError) -> LedgerRows.Settled {
        let settled = try rows.settle(reading, state.withLock { $0.clock.working })
        state.withLock { state in
            state.clock.working = settled.clock
            if !settled.isWritten { state.clock.committed = settled.clock }
            if settled.jump != .zero { state.missingSince = [:] }
        }
        return settled
    }

    /// Forgets what a transaction that fell has marked.
    func begin() { state.withLock { $0.clock.working = $0.clock.committed } }

    /// Whether what is free is known; always so without a cluster.
    func isSeen(_ wall: Instant) -> Bool {
        let now = time(at: wall)
        return state.withLock { state in
            guard let terms = state.standing.cluster else { return true }
            guard let seen = state.observedAt, seen >= state.standing(at: now).since else { return false }
            return now - seen <= terms.staleAfter
        }
    }

    /// To be called after each commit, on the writer's thread.
    func follow(_ rows: LedgerRows) {
        state.withLock { $0.clock.committed = $0.clock.working }
        guard hasCluster, let view = try? rows.clusterView() else { return }
        state.withLock { $0.observedAt = view.observedAt }
    }

    /// Held reservations that have been without their devices for as long as is waited.
    func missing(_ now: Instant) -> Set<String> {
        state.withLock { state in
            let patience = state.standing.cluster?.patience ?? .zero
            return Set(state.missingSince.filter { now - $0.value >= patience }.keys)
        }
    }

    func note(unborne: Set<String>, now: Instant) {
        state.withLock { state in
            let before = state.missingSince
            state.missingSince = Dictionary(uniqueKeysWithValues: unborne.map { ($0, before[$0] ?? now) })
        }
    }
}

extension WatchedCluster.State {
    /// A wall clock that was set since leaves the start where it was in time.
    fileprivate func standing(at now: Instant) -> Standing {
        var standing = standing
        if let steady, let sinceSteady { standing.since = now + (sinceSteady - steady()) }
        return standing
    }
}
