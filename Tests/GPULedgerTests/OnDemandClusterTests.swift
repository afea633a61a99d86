// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// What the cluster shows of cards on which instances are made.
@Suite(.onEachStore) struct OnDemandClusterTests {
    static let inventory = Inventory(
        nodes: [node("a", [card("a0", ["1g", "3g"])]), node("b", [card("b0", ["1g", "3g"])])],
        pools: [cutPool("1g", "1g.5gb"), cutPool("3g", "3g.20gb")])

    private func free(_ stage: Stage) -> [Int] {
        stage.ledger.availability(of: ["1g", "3g"].map { instances(1, from: $0) }, now: stage.now).map(\.freeNow)
    }

    @Test func `an instance that nobody reserved counts where a reservation would be, and goes with its pod`()
        async throws
    {
        var stage = try await Stage.seen(Self.inventory)
        stage.pods["x"] = stray("x", on: "a", ["nvidia.com/mig-3g.20gb": 1])
        try await stage.pass(5)
        #expect(free(stage) == [4 + 7, 3])
        #expect(try await stage.hold("ana", instances(2, from: "3g"))?.placement.map(\.node) == ["b", "b"])
        stage.pods["y"] = stray("y", on: "a", ["nvidia.com/mig-3g.20gb": 2])
        #expect(try await stage.pass(5).deficits == ["nvidia.com/mig-3g.20gb": 1])
        stage.pods["x"] = nil
        try await stage.pass(5)
        #expect(free(stage) == [0, 0])
    }

    @Test func `a pod runs on its instance until it is seen to be gone`() async throws {
        var stage = try await Stage.seen(Self.inventory)
        let held = try #require(try await stage.hold("ana", instances(1, from: "3g")))
        try await stage.pod("p", of: held, asks: ["nvidia.com/mig-3g.20gb": 1])
        #expect(try await stage.pass(5).foreign == [])
        #expect(try await stage.state(held) == .running)
        _ = try await stage.ledger.release(held.server, start: nil, now: stage.now)
        #expect(free(stage) == [4 + 7, 3])
        stage.pods = [:]
        try await stage.pass(5)
        #expect(free(stage) == [14, 4])
    }

    /// E22.
    @Test func `E22: while the MIG manager is at work nothing is made, and what runs is no deficit`() async throws {
        var stage = try await Stage.seen(Self.inventory)
        let held = try #require(try await stage.hold("ana", instances(1, from: "3g")))
        try await stage.pod("p", of: held, asks: ["nvidia.com/mig-3g.20gb": 1])
        let seen = Self.seen(state: "pending")
        #expect(seen.nodes.map(\.cards.count) == [1, 1])
        try await stage.replace(seen)
        #expect(try await stage.pass(5).deficits == [:])
        #expect(free(stage) == [0, 0])
        try await stage.replace(Self.seen(state: "success"))
        #expect(free(stage) == [4 + 7, 3])
    }

    /// The same cards, of nodes whose MIG manager says so.
    private static func seen(state: String) -> Inventory {
        let nodes = ["a", "b"].map { name in
            SeenNode(name: name, uid: name, labels: ["nvidia.com/mig.config.state": state], allocatable: [:])
        }
        var terms = DeviceTerms()
        terms.listed = inventory.nodes
        return Inventory(seen: nodes, pools: inventory.pools, terms)
    }

    @Test func `cards are those that the file lists on nodes that are there, in other pools as nodes have them`() {
        let pools = [cutPool("1g", "1g.5gb"), wholePool()]
        var terms = DeviceTerms()
        terms.listed = [
            node("a", [card("a0", ["1g", "whole"]), card("a1", ["1g", "whole"])]), node("gone", [card("g0", ["1g"])]),
        ]
        let seen = SeenNode(
            name: "a", uid: "u", labels: [:], allocatable: ["nvidia.com/gpu": 1, "nvidia.com/mig-1g.5gb": 2])
        let found = Inventory(seen: [seen], pools: pools, terms)
        #expect(found.nodes.map(\.name) == ["a"])
        #expect(found.nodes[0].cards.map(\.uuid) == ["a0", "a1"])
        #expect(found.nodes[0].cards.map(\.pools) == [["1g", "whole"], ["1g"]])
    }

    @Test func `instances that go with their pods are no plugin that restarts`() {
        var history = NodeHistory()
        let look = { (amount: Int, pools: [Pool]) in
            history.standings(
                of: [
                    SeenNode(name: "a", uid: "u", labels: [:], allocatable: ["nvidia.com/mig-1g.5gb": amount])
                ], pools: pools, at: .now)[0].isSteady
        }
        #expect(look(1, [cutPool("1g", "1g.5gb")]))
        #expect(look(0, [cutPool("1g", "1g.5gb")]))
        #expect(look(1, [migPool("1g", "1g.5gb")]))
        #expect(!look(0, [migPool("1g", "1g.5gb")]))
    }
}
