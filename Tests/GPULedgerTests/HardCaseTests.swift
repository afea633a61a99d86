// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// What is known to go wrong where GPUs are accounted for, one time line each; `scripts/show/hard-cases` prints them.
/// Further ones stand in extensions, by the part that they are about.
@Suite(.onEachStore) struct HardCaseTests {}

// Who writes, who asks, and who asks again.
extension HardCaseTests {
    @Test func `E1: two hubs that ask for the last card at once get one card between them`() async throws {
        let stage = try await Stage.seen(Stage.one)
        let outcomes = try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
            for user in 0..<20 {
                group.addTask { try await stage.ledger.reserve(request(cards(1), for: "user-\(user)")) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap(\.reservation).count == 1)
        #expect(outcomes.compactMap(\.shortage).allSatisfy { $0.reason == .full && $0.nextFreeBy != nil })
    }

    @Test func `E2: a writer that was overtaken is refused by the store`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        let other = try Ledger(stage.scratch.store, inventory: stage.inventory)
        other.expectCluster(Stage.terms, now: stage.now)
        try await other.takeOver(as: "berth-1")
        await #expect(throws: LedgerError.fenced(epoch: 1, current: 2)) { try await stage.pass(400) }
        await #expect(throws: LedgerError.fenced(epoch: 1, current: 2)) {
            try await stage.ledger.expire(now: stage.now)
        }
        #expect(try await stage.state(held) == .held)
        // The new one counts its snapshots from 1 again.
        let newer = ClusterSnapshot(
            generation: 1, observedAt: stage.now, isComplete: true, nodes: Array(stage.nodes.values), pods: [])
        #expect(try await other.observe(newer, now: stage.now).ended.map(\.id) == [held.id])
        #expect(try await other.entries(after: 0).last?.epoch == 2)
    }

    @Test func `E3: a retry with the same start gets the same answer and is charged once`() async throws {
        var stage = try await Stage.seen()
        let first = try #require(try await stage.hold())
        stage.now = stage.now + .seconds(20)
        #expect(try await stage.hold() == first)
        #expect(stage.free() == 3)
    }

    @Test func `E4: another request replaces a hold without a pod, and waits for one with a pod`() async throws {
        var stage = try await Stage.seen(Stage.one)
        let first = try #require(try await stage.hold())
        let second = try #require(try await stage.hold(start: "2"))
        #expect(try await stage.state(first) == .released)
        try await stage.pod("p1", of: second)
        try await stage.look()
        let wanted = request(cards(1), start: "3", terms: "{\"other\":1}", at: stage.now)
        let third = try #require(try await stage.ledger.hold(wanted))
        #expect(third.placement == second.placement)
        #expect(try await stage.ledger.hold(request(cards(1), for: "bo", at: stage.now)) == nil)
        // The former pod is still there: while it is, the new one's end frees nothing.
        _ = try await stage.ledger.release(third.server, start: nil, now: stage.now)
        try await stage.pass(5)
        #expect(try await stage.state(third) == .releasing)
        #expect(stage.free() == 0)
        stage.pods["p1"] = nil
        try await stage.pass(400)
        #expect(stage.free() == 1)
    }

    @Test func `E18: a second release says the same, an unknown one nothing, another's is refused`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.look()
        let first = try await stage.ledger.release(held.server, start: held.start, now: stage.now)
        #expect(try await stage.ledger.release(held.server, start: held.start, now: stage.now) == first)
        stage.pods = [:]
        let ended = try #require(try await stage.pass(5).ended.first)
        let again = try await stage.ledger.release(held.server, start: held.start, now: stage.now)
        #expect(again == .alreadyEnded(ended))
        #expect(try await stage.ledger.release(server("bo"), start: nil, now: stage.now) == .nothingHeld)
        await #expect(throws: LedgerError.notYours(id: held.id)) {
            try await stage.ledger.release(server("bo"), start: nil, id: held.id, now: stage.now)
        }
    }

    @Test func `E27: terms are those of the grant, whatever becomes of roles`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.ledger.hold(request(cards(1), terms: "{\"payer\":\"bio\"}")))
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        #expect(try await stage.ledger.reservation(held.id)?.terms == "{\"payer\":\"bio\"}")
    }

    @Test func `E28: a session goes on when its pool is gone from the configuration`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.look()
        try await stage.replace(Inventory(nodes: stage.inventory.nodes, pools: []))
        let seen = try await stage.pass(5)
        #expect(try await stage.state(held) == .running)
        #expect(seen.foreign == [])
        try await stage.replace(Stage.four)
        #expect(stage.free() == 3)
    }

    @Test func `E30: named servers of one user are reservations of their own`() async throws {
        var stage = try await Stage.seen()
        let first = try #require(try await stage.hold())
        let other = ReservationRequest(
            server: server("ana", "second"), start: start("1"), gpu: cards(1), terms: "{}", walltime: nil,
            holdFor: .seconds(330), now: stage.now)
        let second = try #require(try await stage.ledger.hold(other))
        #expect(stage.free() == 2)
        try await stage.pod("p1", of: first)
        try await stage.pod("p2", of: second)
        try await stage.look()
        stage.pods["p1"] = nil
        _ = try await stage.ledger.release(first.server, start: nil, now: stage.now)
        try await stage.pass(5)
        #expect(try await stage.state(first) == .released)
        #expect(try await stage.state(second) == .running)
    }
}
