// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct ClusterUsageTests {
    let oncall = Operator(name: "token/oncall", role: "operator", reason: "stuck", requestID: "request-1")

    private func milliCardSeconds(_ stage: Stage) async throws -> Int64 {
        let day = stage.now.dayInUTC
        let range = try #require(DayRange(from: Instant(dayInUTC: day - 1), to: Instant(dayInUTC: day + 1)))
        return try await stage.ledger.usage(range, by: .user, now: stage.now).reduce(0) { $0 + $1.milliCardSeconds }
    }

    @Test func `with a cluster, use begins when the notebook runs and ends when its pod is gone`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held, isStarted: false)
        try await stage.pass(10)
        #expect(try await milliCardSeconds(stage) == 0)
        stage.change("p", phase: .running, hasStarted: true)
        try await stage.pass(1)
        try await stage.pass(20)
        #expect(try await milliCardSeconds(stage) == 20_000)
        stage.change("p", phase: .running, isTerminating: true, hasStarted: true)
        try await stage.pass(5)
        #expect(try await milliCardSeconds(stage) == 25_000)
        stage.pods["p"] = nil
        _ = try await stage.ledger.release(held.server, start: held.start, now: stage.now)
        try await stage.pass(5)
        let ended = try await stage.state(held)
        #expect(ended == .released)
        let used = try await milliCardSeconds(stage)
        #expect(used == 30_000)
        try await stage.pass(600)
        #expect(try await milliCardSeconds(stage) == used)
    }

    @Test func `a pod that failed before the notebook ran costs nothing`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held, isStarted: false)
        try await stage.pass(10)
        stage.change("p", phase: .failed, reason: "UnexpectedAdmissionError")
        try await stage.pass(10)
        #expect(try await milliCardSeconds(stage) == 0)
    }

    @Test func `an operator does not free what a living pod has, unless by force`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(1)
        let running = try #require(try await stage.ledger.reservation(held.id))
        #expect(
            try await stage.ledger.release(held.id, by: oncall, force: false, now: stage.now) == .podAlive(running))
        #expect(try await stage.ledger.auditEntries(most: 1).isEmpty)
        guard case .released = try await stage.ledger.release(held.id, by: oncall, force: true, now: stage.now) else {
            Issue.record("not released")
            return
        }
        // The pod is there all the same, and its card is not free.
        try await stage.pass(1)
        #expect(stage.free() == 3)
    }

    @Test func `a reservation whose pod has gone is released on an operator's word`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        guard case .released = try await stage.ledger.release(held.id, by: oncall, force: false, now: stage.now) else {
            Issue.record("not released")
            return
        }
        #expect(stage.free() == 4)
        try await stage.pass(1)
        #expect(stage.free() == 4)
    }
}
