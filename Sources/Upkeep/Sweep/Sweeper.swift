// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import Kubernetes
package import Logging
import SpawnModel
import Synchronization

/// Deletes objects of starts whose stop nobody has told, or could not be acted on, for as long as this replica leads.
///
/// What the configuration says is taken anew at each round, so that a reload counts from the next one on.
package final class Sweeper: Sendable {
    private let cluster: Cluster
    private let ledger: Ledger
    private let limits: SweepLimits
    private let setting: @Sendable () -> SweepSetting?
    private let log: Logger
    private let metrics = SweepMetrics()
    private let state = Mutex(State())

    private struct State {
        var since: [String: ContinuousClock.Instant] = [:]
        var dueAt: ContinuousClock.Instant?
    }

    /// - Parameter setting: nil where nothing is to be swept.
    package init(
        _ cluster: Cluster, _ ledger: Ledger, limits: SweepLimits = SweepLimits(), _ log: Logger,
        setting: @escaping @Sendable () -> SweepSetting?
    ) {
        self.cluster = cluster
        self.ledger = ledger
        self.limits = limits
        self.setting = setting
        self.log = log
    }

    /// Goes on for as long as this replica leads; looks once a second whether a round is due, the first one at once.
    ///
    /// - Parameter isHeld: whether it leads at this moment; asked before every deletion.
    package func lead(while isHeld: @escaping @Sendable () -> Bool) async {
        while isHeld(), !Task.isCancelled {
            if let setting = setting(), isDue { await turn(setting, isHeld) }
            try? await Task.sleep(for: .seconds(1))
        }
        // What was left over is seen for as long anew by whoever leads next.
        state.withLock { $0 = State() }
    }

    private var isDue: Bool { state.withLock { $0.dueAt.map { .now >= $0 } ?? true } }

    func turn(_ setting: SweepSetting, _ isHeld: @escaping @Sendable () -> Bool) async {
        let start = ContinuousClock.now
        do throws(UpkeepError) {
            try await round(setting, isHeld)
            state.withLock { $0.dueAt = start + limits.every }
        } catch {
            state.withLock { $0.dueAt = start + min(limits.every, limits.againAfter) }
            noteFailure(error)
        }
    }

    private func round(_ setting: SweepSetting, _ isHeld: @escaping @Sendable () -> Bool) async throws(UpkeepError) {
        let round = SweepRound(cluster, ledger, setting, limits, mayWrite: isHeld)
        let plan = try await round.plan(state.withLock(\.since))
        state.withLock { $0.since = plan.since }
        metrics.note(plan)
        var deleted = 0
        defer { noteDeletions(deleted, of: plan) }
        try await round.delete(plan.deletions) { object in
            deleted += 1
            noteDeletion(object)
        }
        metrics.note(.done)
    }

    // MARK: What came of it

    private func noteDeletion(_ object: ListedSessionObject) {
        metrics.noteDeletion()
        log.info(
            "object of an ended start deleted",
            metadata: ["object": .string("\(object.name)"), "reservation_id": .string(object.reservationID)])
    }

    private func noteDeletions(_ deleted: Int, of plan: SweepPlan) {
        guard !plan.deletions.isEmpty else { return }
        log.notice(
            "sweep done",
            metadata: [
                "deleted": .stringConvertible(deleted), "left_over": .stringConvertible(plan.since.count),
            ])
    }

    private func noteFailure(_ error: UpkeepError) {
        switch error {
        case .stopped: return
        case .notLeading: log.notice("sweep left to another replica")
        case .directory, .cluster, .ledger:
            metrics.note(.failed)
            log.error("sweep not done", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
        }
    }
}
