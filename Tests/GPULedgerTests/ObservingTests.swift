// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct ObservingTests {
    @Test func `a snapshot that is no newer than the last changes nothing`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        stage.pods = [:]
        stage.now = stage.now + .seconds(400)
        let before = try await stage.ledger.entries(after: 0)
        let seen = try await stage.ledger.observe(stage.snapshot(), now: stage.now)
        #expect(!seen.isTaken)
        #expect(try await stage.ledger.entries(after: 0) == before)
    }

    @Test func `what no cluster can show goes by the hub's word, beside a cluster too`() async throws {
        var stage = try await Stage.seen()
        let podless = try #require(try await stage.hold("ana"))
        let bound = try await stage.ledger.bind(
            podless.id, server: podless.server, isPodless: true, now: stage.now)
        #expect(bound.endsBy == stage.now + .seconds(3600))
        let plain = try #require(try await stage.ledger.hold(request(nil, for: "bo", at: stage.now)))
        try await stage.pass(400)
        #expect(try await stage.state(podless) == .bound)
        #expect(try await stage.ledger.expire(now: stage.now).map(\.id) == [plain.id])
        guard case .released = try await stage.ledger.release(podless.server, start: nil, now: stage.now) else {
            Issue.record("not released")
            return
        }
        #expect(stage.free() == 4)
    }

    /// Case 20: a sidecar that is killed (137, 143) has Kubernetes call its whole pod failed.
    @Test func `a pod that fails after it has run has ended like any other`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        stage.change("p", phase: .failed)
        let seen = try await stage.pass(5)
        #expect(try await stage.state(held) == .released)
        #expect(seen.withheld == [])
        #expect(stage.free() == 4)
    }

    @Test func `one snapshot changes only so many reservations, and the next goes on`() async throws {
        let count = Ledger.changesMost + 20
        let inventory = Inventory(
            nodes: [node("a", (0..<count).map { card("a\($0)", ["whole"]) })], pools: [wholePool()])
        var stage = try await Stage.seen(inventory)
        for user in 0..<count { _ = try await stage.hold("user-\(user)") }
        #expect(try await stage.pass(400).ended.count == Ledger.changesMost)
        #expect(try await stage.pass(5).ended.count == 20)
        #expect(stage.free() == count)
    }

    @Test func `without a cluster the hub's word frees at once`() async throws {
        let scratch = Scratch()
        let ledger = try Ledger(scratch.store, inventory: Stage.one)
        let held = try #require(try await ledger.hold(request(cards(1))))
        _ = try await ledger.bind(held.id, server: held.server, now: noon)
        guard case .released = try await ledger.release(held.server, start: nil, now: noon) else {
            Issue.record("not released")
            return
        }
        #expect(ledger.availability(of: cards(1)).freeNow == 1)
    }

    @Test func `the walltime begins when the notebook runs, not when its pod is made`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold(walltime: .seconds(600)))
        try await stage.pod("p", of: held, isStarted: false)
        try await stage.pass(200)
        #expect(try await stage.ledger.reservation(held.id)?.endsBy == nil)
        stage.change("p", phase: .running, hasStarted: true)
        try await stage.pass(10)
        #expect(try await stage.ledger.reservation(held.id)?.endsBy == stage.now + .seconds(600))
        try await stage.pass(599)
        #expect(try await stage.state(held) == .running)
        #expect(try await stage.pass(1).alarms == [.overdue(reservationID: held.id)])
        #expect(try await stage.state(held) == .overdue)
    }
}
