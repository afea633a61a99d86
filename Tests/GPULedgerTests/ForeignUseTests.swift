// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct ForeignUseTests {
    @Test func `a pod that nobody reserved takes what it takes, on its node`() async throws {
        var stage = try await Stage.seen()
        stage.pods["x"] = stray("x", on: "a", ["nvidia.com/gpu": 2])
        let seen = try await stage.pass(5)
        #expect(seen.foreign.map(\.reason) == [.unsealed])
        #expect(stage.free() == 2)
        #expect(try await stage.hold("ana", cards(2))?.placement.map(\.node) == ["b", "b"])
        #expect(try await stage.hold("bo") == nil)
        stage.pods = [:]
        #expect(try await stage.look(isComplete: false).foreign.count == 1)
        #expect(try await stage.pass(5).foreign == [])
        #expect(stage.free() == 2)
    }

    @Test func `a pod that waits for a node counts against the pool it selects`() async throws {
        var stage = try await Stage.seen()
        stage.pods["x"] = stray("x", on: nil)
        #expect(try await stage.pass(5).foreign.map(\.pool) == ["whole"])
        #expect(stage.free() == 3)
    }

    @Test func `what a pod asks beyond its reservation makes it foreign`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held, asks: ["nvidia.com/gpu": 2])
        let seen = try await stage.pass(5)
        #expect(seen.foreign.map(\.reason) == [.overAmount])
        #expect(seen.alarms == [.overAmount(podUID: "p", reservationID: held.id)])
        #expect(try await stage.state(held) == .bound)
    }

    @Test func `what is used beyond what there is is a number, and nothing is granted there`() async throws {
        var stage = try await Stage.seen(Stage.one)
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        stage.pods["x"] = stray("x", on: "a", ["nvidia.com/gpu": 3])
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 3])
        #expect(stage.free() == 0)
        #expect(try await stage.state(held) == .running)
    }

    @Test func `units that a stranger takes of shared cards are gone for shares and for whole cards`() async throws {
        let inventory = Inventory(
            nodes: [node("a", [card("a0", ["shared"]), card("a1", ["shared"])])],
            pools: [sharedPool(unit: gib)])
        var stage = try await Stage.seen(inventory)
        #expect(stage.free(share(40 * gib)) == 2)
        stage.pods["x"] = stray("x", on: "a", ["mortalgpu/shared": 10])
        try await stage.pass(5)
        #expect(stage.free(share(40 * gib)) == 1)
        #expect(stage.free(share(10 * gib)) == 7)
        stage.pods["x"] = stray("x", on: "a", ["mortalgpu/shared": 90])
        #expect(try await stage.pass(5).deficits == ["mortalgpu/shared": 10])
        #expect(stage.free(share(1)) == 0)
    }

    @Test func `shares on a node that is withheld are no deficit, and get no company`() async throws {
        let inventory = Inventory(nodes: [node("a", [card("a0", ["shared"])])], pools: [sharedPool(overcommit: 150)])
        var stage = try await Stage.seen(inventory)
        let held = try #require(try await stage.hold("ana", share(10 * gib, limit: 30 * gib)))
        try await stage.pod("p", of: held, asks: ["mortalgpu/shared": 10 * gib])
        stage.set("a", isCordoned: true)
        #expect(try await stage.pass(5).deficits == [:])
        #expect(stage.free(share(1)) == 0)
        #expect(stage.ledger.availability(of: share(1), now: stage.now).deficit == 0)
    }
}
