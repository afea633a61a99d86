// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Logging
import SpawnModel
import Synchronization

extension GPUWatch {
    /// Tells the ledger what the cluster shows, for as long as this replica leads.
    ///
    /// - Parameters:
    ///   - holder: a name for people, as the Lease has it.
    ///   - isHeld: whether it leads at this moment; asked before each snapshot.
    package func lead(as holder: String, while isHeld: @escaping @Sendable () -> Bool) async {
        do throws(LedgerError) { try await ledger.takeOver(as: holder) } catch {
            return noteFailure(error)
        }
        pods.forget()
        state.withLock { state in
            state.isLeading = isHeld
            (state.observed.at, state.observed.revisions) = (nil, [-1, -1])
        }
        metrics.note(leads: true)
        await withTaskGroup { group in
            group.addTask { await self.pods.run { self.parts.setting().id } }
            group.addTask {
                while self.isLeading, (try? await Task.sleep(for: .milliseconds(200))) != nil {}
            }
            await group.next()
            group.cancelAll()
        }
        state.withLock { $0.isLeading = nil }
        metrics.note(leads: false)
    }

    var isLeading: Bool { state.withLock(\.isLeading)?() ?? false }

    /// One snapshot, where there is news or it is time.
    func observe(at now: ContinuousClock.Instant) async {
        let (nodes, pods) = (nodes.seen, pods.seen)
        guard nodes.isListed, pods.isListed, let nodesAt = nodes.assuredAt, let podsAt = pods.assuredAt else { return }
        let revisions = [nodes.revision, pods.revision]
        guard let generation = nextGeneration(revisions, at: now) else { return }
        let wall = parts.now()
        let snapshot = ClusterSnapshot(
            generation: generation, observedAt: wall + (min(nodesAt, podsAt) - now),
            isComplete: nodes.isComplete && pods.isComplete, nodes: Array(nodes.values), pods: Array(pods.values))
        do throws(LedgerError) {
            let observation = try await parts.witness.observe(snapshot, now: wall)
            metrics.note(observation)
            note(observation, revisions, at: now)
        } catch {
            if case .fenced = error { state.withLock { $0.isLeading = nil } }
            noteFailure(error)
        }
    }

    private func nextGeneration(_ revisions: [Int], at now: ContinuousClock.Instant) -> Int64? {
        state.withLock { state in
            let isYoung = state.observed.at.map { now - $0 < Self.turnsLeast } ?? false
            guard state.observed.revisions != revisions || !isYoung else { return nil }
            state.observed.generation += 1
            return state.observed.generation
        }
    }

    /// A snapshot that has changed as much as one may is not done, and one that found the clock set has done nothing.
    private func note(_ observation: Observation, _ revisions: [Int], at now: ContinuousClock.Instant) {
        let isDone = observation.isTaken && observation.changed.count < Ledger.changesMost
        state.withLock { ($0.observed.revisions, $0.observed.at) = (revisions, isDone ? now : nil) }
        if isNews(\.ledger, nil) { log.notice("the ledger takes in again what the cluster shows") }
    }

    /// It is tried again at the next turn.
    private func noteFailure(_ error: LedgerError) {
        state.withLock { $0.observed.at = nil }
        guard isNews(\.ledger, "fails") else { return }
        log.error(
            "the ledger does not take in what the cluster shows", metadata: ["detail": .string("\(error)")])
    }
}
