// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

// Devices of one node or one pool that are not alike.
extension HardCaseTests {
    private func card(_ uuid: String, _ product: String, _ memory: Int, _ pools: [String]) -> Inventory.Card {
        Inventory.Card(uuid: uuid, product: product, memory: MiB(memory), pools: pools, migInstances: [])
    }

    @Test func `E24: of two products in one node each pool gets its own, and each share fits the card that it is on`()
        async throws
    {
        let pools = [sharedPool(unit: gib), wholePool("a100"), wholePool("v100")]
        let inventory = Inventory(
            nodes: [
                node(
                    "a",
                    [
                        card("GPU-1", "V100", 32 * gib, ["shared", "v100"]),
                        card("GPU-2", "A100", 80 * gib, ["shared", "a100"]),
                    ])
            ], pools: pools)
        var stage = try await Stage.seen(inventory)
        // The node's object tells of one product only, whatever is in the node.
        stage.nodes["a"] = SeenNode(name: "a", uid: "a-1", labels: ["nvidia.com/gpu.product": "NVIDIA-A100"])
        try await stage.pass(5)
        #expect(stage.free(share(40 * gib)) == 2)
        #expect(try await stage.hold("ana", share(40 * gib))?.placement.map(\.device) == ["GPU-2"])
        #expect(try await stage.hold("bo", cards(1, from: "v100"))?.placement.map(\.device) == ["GPU-1"])
        #expect(try await stage.hold("cy", cards(1, from: "a100")) == nil)
        #expect(stage.ledger.availability(of: share(33 * gib), now: stage.now).freeNow == 1)
    }

    @Test func `E24: in a pool of unlike cards a whole one is charged as what it is`() async throws {
        let inventory = Inventory(
            nodes: [
                node("a", [card("GPU-1", "V100", 32 * gib, ["whole"])]),
                node("b", [card("GPU-2", "A100", 80 * gib, ["whole"])]),
            ], pools: [wholePool()])
        var stage = try await Stage.seen(inventory)
        let held = [try await stage.hold("ana"), try await stage.hold("bo")].compactMap(\.self)
        #expect(Set(held.flatMap(\.placement).map(\.device)) == ["GPU-1", "GPU-2"])
        #expect(Set(held.compactMap(\.charge?.memory)) == [MiB(32 * gib), MiB(80 * gib)])
    }

    @Test func `E25: a share asks for whole units, and cards of other sizes hold as many whole ones as they can`()
        async throws
    {
        let inventory = Inventory(
            nodes: [
                node("a", [card("GPU-1", "V100", 32 * gib + 500, ["shared"])]),
                node("b", [card("GPU-2", "A100", 40 * gib, ["shared"])]),
            ], pools: [sharedPool(unit: gib, sharers: 100)])
        var stage = try await Stage.seen(inventory)
        let held = try #require(try await stage.hold("ana", share(100)))
        #expect(held.placement.map(\.units) == [1])
        #expect(stage.free(share(gib)) == 71)
        #expect(try await stage.hold("bo", share(33 * gib))?.placement.map(\.device) == ["GPU-2"])
    }
}
