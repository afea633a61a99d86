// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Synchronization
import Testing

// Hubs, Berth, clocks and API servers that stop and come back.
extension HardCaseTests {
    @Test func `E15: a hub that restarts, or forgets a pod, changes nothing`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        _ = try await stage.ledger.release(held.server, start: nil, now: stage.now)
        for _ in 0..<5 { try await stage.pass(600) }
        #expect(try await stage.state(held) == .releasing)
        #expect(stage.free() == 3)
        stage.pods = [:]
        let ended = try #require(try await stage.pass(5).ended.first)
        #expect(
            try await stage.ledger.release(held.server, start: nil, now: stage.now) == .alreadyEnded(ended))
    }

    @Test func `E16: after a start nothing is granted and nothing said to be free until the cluster is seen whole`()
        async throws
    {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        stage.now = stage.now + .seconds(5)
        try await stage.restart()
        #expect(stage.ledger.availability(of: cards(1), now: stage.now).limitedBy == .staleData)
        try await stage.look(isComplete: false)
        await #expect(throws: LedgerError.clusterUnseen(lastSeen: nil)) {
            try await stage.ledger.reserve(request(cards(1), for: "bo", at: stage.now))
        }
        // A server without a GPU does not wait.
        #expect(try await stage.ledger.hold(request(nil, for: "cy", at: stage.now)) != nil)
        try await stage.pass(1)
        #expect(stage.free() == 3)
        #expect(try await stage.hold("bo") != nil)
        #expect(try await stage.ledger.reservation(held.id) == held)
    }

    @Test func `E17: a lost journal is made anew from sealed pods, after one hold time`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held, startedAt: stage.now)
        try await stage.look()
        try await stage.restart(losingJournal: true)
        let old = try #require(stage.pods["p"])
        stage.pods["p"] = SeenPod(
            uid: "p", namespace: old.namespace, name: old.name, node: old.node, phase: .running, hasStarted: true,
            startedAt: old.startedAt, asks: old.asks, reservationID: held.id,
            claim: .init(server: held.server, gpu: cards(1), walltime: .seconds(3600)))
        stage.pods["q"] = stray("q", on: "b", reservationID: "another")
        try await stage.pass(60)
        let rebuilt = try #require(try await stage.ledger.reservation(held.id))
        #expect(rebuilt.server == held.server && rebuilt.state == .bound)
        await #expect(throws: LedgerError.rebuilding(until: stage.now + .seconds(330))) {
            try await stage.ledger.reserve(request(cards(1), for: "bo", at: stage.now))
        }
        for _ in 0..<33 { try await stage.pass(10) }
        #expect(try await stage.ledger.reservation(held.id)?.endsBy == noon + .seconds(3600))
        #expect(stage.free() == 2)
        #expect(try await stage.hold("bo") != nil)
    }

    @Test(arguments: [86_400, -86_400])
    func `E20: a wall clock that is set neither ends nor prolongs anything`(jump: Int) async throws {
        var stage = try await Stage.seen()
        try await withSteady(&stage) { stage, pass in
            let held = try #require(try await stage.hold("ana"))
            let running = try #require(try await stage.hold("bo", walltime: .seconds(1000)))
            try await stage.pod("p", of: running)
            try await pass(&stage, 5, 5)
            try await pass(&stage, 100, 100 + jump)
            #expect(try await stage.ledger.expire(now: stage.now) == [])
            try await pass(&stage, 220, 220)
            #expect(try await stage.state(held) == .held)
            #expect(try await stage.state(running) == .running)
            try await pass(&stage, 6, 6)
            #expect(try await stage.state(held) == .expired)
            try await pass(&stage, 673, 673)
            #expect(try await stage.state(running) == .running)
            try await pass(&stage, 2, 2)
            #expect(try await stage.state(running) == .overdue)
        }
    }

    private func withSteady(
        _ stage: inout Stage,
        _ body: (inout Stage, (inout Stage, Int, Int) async throws -> Void) async throws -> Void
    ) async throws {
        let clock = SteadyClock()
        stage.ledger.keepTime(by: { clock.read() })
        try await stage.look()
        try await body(&stage) { stage, seconds, wall in
            clock.advance(seconds)
            stage.now = stage.now + .seconds(wall)
            // A set clock takes the first look; nothing else is done then.
            try await stage.look()
            try await stage.look()
        }
    }

    @Test func `E20: a node's clock cannot shorten or prolong a walltime`() async throws {
        for startedAt in [noon + .seconds(-9999), noon + .seconds(9999)] {
            var stage = try await Stage.seen()
            let held = try #require(try await stage.hold(walltime: .seconds(600)))
            try await stage.pod("p", of: held, startedAt: startedAt)
            try await stage.pass(30)
            let end = try #require(try await stage.ledger.reservation(held.id)?.endsBy)
            #expect(end >= noon + .seconds(600) && end <= noon + .seconds(630))
        }
    }

    @Test func `E34: while the API server is away nothing is freed, nothing granted`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        let running = try #require(try await stage.hold("bo"))
        try await stage.pod("p", of: running)
        try await stage.pass(5)
        stage.now = stage.now + .seconds(600)
        stage.pods = [:]
        #expect(try await stage.ledger.expire(now: stage.now) == [])
        #expect(try await stage.look(age: .seconds(31)).ended == [])
        await #expect(throws: LedgerError.self) {
            try await stage.ledger.reserve(request(cards(1), for: "cy", at: stage.now))
        }
        #expect(stage.ledger.availability(of: cards(1), now: stage.now).limitedBy == .staleData)
        #expect(try await stage.state(held) == .held)
        #expect(try await stage.state(running) == .running)
        try await stage.pass(1)
        #expect(stage.free() == 4)
    }
}

/// Goes on only when it is told.
final class SteadyClock: Sendable {
    private let time = Mutex(Duration.seconds(7))
    func read() -> Duration { time.withLock { $0 } }
    func advance(_ seconds: Int) { time.withLock { $0 += .seconds(seconds) } }
}
