// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

// Nodes that do not answer, go, come back as others, and lose devices.
extension HardCaseTests {
    private func running(_ stage: inout Stage) async throws -> (Reservation, node: String) {
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        return (held, held.placement[0].node)
    }

    @Test func `E11: a node that does not answer makes its reservations lost, and back again`() async throws {
        var stage = try await Stage.seen()
        let (held, node) = try await running(&stage)
        stage.set(node, isReady: false)
        let seen = try await stage.pass(5)
        #expect(try await stage.state(held) == .lost)
        #expect(seen.withheld == [WithheldNode(node: node, reason: .notReady)])
        #expect(stage.free() == 2)
        stage.set(node)
        try await stage.pass(5)
        #expect(try await stage.state(held) == .running)
        #expect(stage.free() == 3)
    }

    @Test(arguments: [nil, "other"])
    func `E12: a node that is gone or another by its name ends what ran there`(uid: String?) async throws {
        var stage = try await Stage.seen()
        let (held, node) = try await running(&stage)
        if let uid { stage.set(node, uid: uid) } else { stage.nodes[node] = nil }
        #expect(try await stage.look(isComplete: false).ended == [])
        try await stage.pass(5)
        #expect(try await stage.state(held) == .released)
        let entry = try #require(try await stage.ledger.entries(after: 0).last)
        #expect(entry.cause == .nodeGone && entry.evidence.contains("node \(node) is"))
    }

    @Test func `E13: a cordoned node takes nothing new, is not counted as free, and its sessions go on`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        stage.set(held.placement[0].node, isCordoned: true)
        try await stage.pass(5)
        #expect(try await stage.state(held) == .running)
        #expect(stage.free() == 2)
        #expect(try await stage.hold("bo", cards(2))?.placement[0].node != held.placement[0].node)
        #expect(try await stage.hold("cy") == nil)
    }

    @Test func `E14: a pod that was force-deleted on a lost node keeps its device until the node answers`() async throws
    {
        var stage = try await Stage.seen()
        let (held, node) = try await running(&stage)
        stage.set(node, isReady: false)
        try await stage.pass(5)
        stage.pods = [:]
        _ = try await stage.ledger.release(held.server, start: nil, now: stage.now)
        for _ in 0..<10 { try await stage.pass(600) }
        #expect(try await stage.state(held) == .lost)
        stage.set(node)
        try await stage.pass(5)
        #expect(try await stage.state(held) == .released)
        #expect(stage.free() == 4)
    }

    @Test func `E21: when devices go, sessions stay, a deficit is told, and what only was held is given up in the end`()
        async throws
    {
        var stage = try await Stage.seen()
        let running = try #require(try await stage.hold("ana", cards(2)))
        try await stage.pod("p", of: running)
        let held = try #require(try await stage.hold("bo", cards(2)))
        #expect(running.placement.map(\.node) != held.placement.map(\.node))
        try await stage.look()
        try await stage.replace(Inventory(nodes: [], pools: [wholePool()]))
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 4])
        #expect(try await stage.pass(59).ended == [])
        #expect(try await stage.pass(2).ended.map(\.id) == [held.id])
        #expect(try await stage.state(held) == .cancelled)
        #expect(try await stage.state(running) == .running)
        await #expect(throws: LedgerError.ended(try #require(try await stage.ledger.reservation(held.id)))) {
            try await stage.ledger.bind(held.id, server: held.server, now: stage.now)
        }
    }

    @Test func `E21: devices that are back within a minute cost nobody their hold`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.replace(Inventory(nodes: [], pools: [wholePool()]))
        try await stage.pass(50)
        try await stage.replace(Stage.four)
        try await stage.pass(5)
        try await stage.replace(Inventory(nodes: [], pools: [wholePool()]))
        try await stage.pass(50)
        #expect(try await stage.state(held) == .held)
    }

    @Test func `E23: a resource that is renamed is a deficit until its sessions end, and an unknown one is reported`()
        async throws
    {
        var stage = try await Stage.seen(Stage.one)
        let (held, _) = try await running(&stage)
        let renamed = Pool(name: "shared", displayName: "", mode: .whole, resourceName: "nvidia.com/gpu.shared")
        try await stage.replace(Inventory(nodes: [node("a", [card("b0", ["shared"])])], pools: [wholePool(), renamed]))
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 1])
        stage.pods["x"] = stray("x", on: "a", ["nvidia.com/other": 1])
        let seen = try await stage.pass(5)
        #expect(seen.alarms == [.unknownResource("nvidia.com/other")])
        #expect(seen.foreign == [])
        stage.pods = [:]
        #expect(try await stage.pass(400).deficits == [:])
        #expect(try await stage.state(held) == .released)
    }

    @Test(arguments: ["pending", "rebooting", "failed"])
    func `E22: a node whose MIG layout is being changed takes nothing new until it has succeeded`(state: String)
        async throws
    {
        var stage = try await Stage.seen()
        let (held, name) = try await running(&stage)
        let label = "nvidia.com/mig.config.state"
        stage.nodes[name] = SeenNode(name: name, uid: "\(name)-1", labels: [label: state])
        #expect(try await stage.pass(5).withheld == [WithheldNode(node: name, reason: .reconfiguring)])
        #expect(stage.free() == 2)
        #expect(try await stage.state(held) == .running)
        stage.nodes[name] = SeenNode(name: name, uid: "\(name)-1", labels: [label: "success"])
        try await stage.pass(5)
        #expect(stage.free() == 3)
    }
}
