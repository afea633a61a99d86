// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

// What time does to reservations, by a clock that nobody sets.
extension LifeWalkTests {
    @Test(arguments: seeds)
    func `I10: nothing is granted by a look that is older than the bound`(seed: UInt64) async throws {
        // A process that has not yet noticed that its clock was set back takes an old look for a young one.
        try await walk(seed, restarts: false) { before, after, walk in
            let granted = after.live.filter { before.reservations[$0.id] == nil && $0.gpu != nil }
            guard let first = granted.first, walk.did == "reserve" else { return [] }
            let age = walk.seenAt.map { walk.elapsed - $0 }
            return age.map { $0 <= Stage.terms.staleAfter } == true
                ? [] : ["I10: \(first.id) was granted by a look \(age.map { "\($0)" } ?? "never") ago"]
        }
    }

    @Test(arguments: seeds)
    func `I13: no clock that is set lets anything lapse or run over before its time, nor after`(seed: UInt64)
        async throws
    {
        var times = Times()
        try await walk(seed, restarts: false) { before, after, walk in times.follow(before, after, walk) }
    }

    /// Of each reservation, when it was granted and when its notebook was first seen, in elapsed time.
    private struct Times {
        var granted: [String: Duration] = [:]
        /// When its walltime will have elapsed.
        var ends: [String: Duration] = [:]
        /// How far wall clock and steady clock may part before that is taken for a set clock, with the jumps of a walk.
        let slack = Duration.seconds(3)
        let hold = Duration.seconds(330)

        mutating func follow(_ before: Books, _ after: Books, _ walk: LifeWalk) -> [String] {
            var faults: [String] = []
            for entry in after.entries.dropFirst(before.entries.count) {
                let id = entry.reservationID
                switch entry.cause {
                case .reserved: granted[id] = walk.elapsed
                case .podRunning:
                    if let endsBy = after.reservations[id]?.endsBy, ends[id] == nil {
                        ends[id] = walk.elapsed + (endsBy - walk.stage.now)
                    }
                case .holdLapsed:
                    let age = walk.elapsed - (granted[id] ?? .zero)
                    if age < hold - slack { faults.append("I13: \(id) lapsed after \(age)") }
                case .walltimeOver:
                    if let end = ends[id], walk.elapsed < end - slack { faults.append("I13: \(id) ran over early") }
                default: break
                }
            }
            return faults + late(after, walk)
        }

        /// What a whole look should have ended.
        private func late(_ books: Books, _ walk: LifeWalk) -> [String] {
            guard walk.sawAll else { return [] }
            return books.live.compactMap { reservation in
                let id = reservation.id
                if reservation.state == .running, let end = ends[id], walk.elapsed > end + slack {
                    return "I13: \(id) runs \(walk.elapsed - end) beyond its walltime"
                }
                let hasPod = walk.stage.pods.values.contains { $0.reservationID == id }
                if reservation.state == .held, !hasPod, let since = granted[id], walk.elapsed - since > hold + slack {
                    return "I13: \(id) has been held for \(walk.elapsed - since)"
                }
                return nil
            }
        }
    }

    @Test(arguments: seeds)
    func `I14: only the writer that has taken over last changes anything`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var stage = try await Stage.seen()
        let writers = [stage.ledger, try Ledger(stage.scratch.store, inventory: stage.inventory)]
        writers[1].expectCluster(Stage.terms, now: stage.now)
        try await writers[1].takeOver(as: "writer-1")
        var leader = 0
        var epoch = try await writers[0].takeOver(as: "writer-0")
        for step in 0..<60 {
            stage.now = stage.now + .seconds(10)
            let writer = Int.random(in: 0...1, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                epoch = try await writers[writer].takeOver(as: "writer-\(writer)")
                leader = writer
            }
            if step.isMultiple(of: 7) { stage.set("a", isReady: Bool.random(using: &random)) }
            _ = try? await writers[leader].reserve(
                request(cards(1), for: "user-\(step % 3)", start: "s\(step)", at: stage.now))
            let before = try await writers[0].entries(after: 0)
            let snapshot = ClusterSnapshot(
                generation: Int64(step) + 10, observedAt: stage.now, isComplete: true,
                nodes: Array(stage.nodes.values), pods: [])
            do throws(LedgerError) {
                _ = try await writers[writer].observe(snapshot, now: stage.now)
                #expect(writer == leader, "seed \(seed), step \(step)")
                let new = try await writers[0].entries(after: 0).dropFirst(before.count)
                #expect(new.allSatisfy { $0.epoch == epoch }, "seed \(seed), step \(step)")
            } catch {
                guard case .fenced = error else { throw error }
                #expect(writer != leader, "seed \(seed), step \(step)")
                #expect(try await writers[0].entries(after: 0) == before, "seed \(seed), step \(step)")
            }
        }
    }
}
