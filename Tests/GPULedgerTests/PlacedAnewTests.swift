// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// The scheduler may put a pod on any node of its pool; the books then follow the pod.
@Suite(.onEachStore) struct PlacedAnewTests {
    static let two = Inventory(
        nodes: ["a", "b"].map { node($0, [card("\($0)0", ["whole"])]) }, pools: [wholePool()])

    /// Two sessions, each alone on its node.
    private func both(
        _ stage: inout Stage, anaOn first: String? = nil, boOn second: String? = nil
    ) async throws -> (ana: Reservation, bo: Reservation) {
        let ana = try #require(try await stage.hold("ana"))
        let bo = try #require(try await stage.hold("bo"))
        #expect(ana.placement.map(\.device) == ["a0"] && bo.placement.map(\.device) == ["b0"])
        try await stage.pod("p-ana", of: ana, on: first)
        try await stage.pod("p-bo", of: bo, on: second)
        return (ana, bo)
    }

    @Test func `two whose pods have changed places are both laid where they are, in one turn`() async throws {
        var stage = try await Stage.seen(Self.two)
        let (ana, bo) = try await both(&stage, anaOn: "b", boOn: "a")
        let seen = try await stage.pass(5)
        #expect(seen.deficits == [:])
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.devices(bo) == ["a/a0"])
        let anew = try await stage.ledger.entries(after: 0).filter { $0.cause == .placedAnew }
        #expect(anew.map(\.reservationID) == [ana.id, bo.id])
        #expect(anew.map(\.evidence) == ["pod p-ana on node b, expected on a", "pod p-bo on node a, expected on b"])
        #expect(anew.allSatisfy { $0.from == .running && $0.to == .running })
        #expect(Array(seen.changed.suffix(2).map { $0.placement.map(\.node) }) == [["b"], ["a"]])
        #expect(stage.free() == 0)
    }

    @Test func `the next turn with the same snapshot changes nothing`() async throws {
        var stage = try await Stage.seen(Self.two)
        _ = try await both(&stage, anaOn: "b", boOn: "a")
        try await stage.pass(5)
        let before = try await stage.ledger.entries(after: 0)
        #expect(try await stage.pass(5).changed == [])
        #expect(try await stage.ledger.entries(after: 0) == before)
    }

    @Test(arguments: ["a", "b"])
    func `once the pod is seen elsewhere the next start goes by what is truly free`(cordoned: String) async throws {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        try await stage.pod("p", of: ana, on: "b")
        stage.set(cordoned, isCordoned: true)
        try await stage.pass(5)
        let next = try await stage.hold("bo")
        // Only node a has a free card, whatever was expected.
        #expect(next?.placement.map(\.device) == (cordoned == "a" ? nil : ["a0"]))
    }

    @Test func `a node with a pod that does not answer is the one that was lost`() async throws {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        try await stage.pod("p", of: ana, on: "b")
        stage.set("b", isReady: false)
        try await stage.pass(5)
        #expect(try await stage.state(ana) == .lost)
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.hold("bo")?.placement.map(\.device) == ["a0"])
    }

    @Test func `on a node that is full in the books the pod counts all the same, as a deficit`() async throws {
        var stage = try await Stage.seen(Self.two)
        let (ana, bo) = try await both(&stage)
        try await stage.pass(5)
        // Both pods are gone, and within the hold time one comes again, on the other's node.
        stage.pods = [:]
        try await stage.pod("p-2", of: ana, on: "b")
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 1])
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.devices(bo) == ["b/b0"])
        #expect(stage.ledger.accounts(now: stage.now).map(\.deficit) == [MiB(0), MiB(40 * gib)])
        #expect(try await stage.hold("cy")?.placement.map(\.device) == ["a0"])
        #expect(try await stage.hold("di") == nil)
        #expect(try await stage.pass(330).deficits == [:])
        #expect(try await stage.state(bo) == .released)
        #expect(try await stage.devices(ana) == ["b/b0"])
    }

    @Test func `who still waits for a pod gives way, and so does a later start that is refused for it`() async throws {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        let bo = try #require(try await stage.hold("bo"))
        try await stage.pod("p", of: ana, on: "b")
        #expect(try await stage.pass(5).deficits == [:])
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.devices(bo) == ["a/a0"])
        #expect(try await stage.ledger.entries(after: 0).last?.evidence == "others are in its place on b")
        #expect(try await stage.hold("cy") == nil)
    }

    @Test func `without room elsewhere who waits is a deficit, and is given up as where devices have gone`()
        async throws
    {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        let bo = try #require(try await stage.hold("bo"))
        try await stage.pod("p", of: ana, on: "b")
        stage.set("a", isCordoned: true)
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 1])
        #expect(try await stage.devices(bo) == ["b/b0"])
        #expect(try await stage.pass(59).ended == [])
        #expect(try await stage.pass(2).ended.map(\.id) == [bo.id])
        #expect(try await stage.ledger.entries(after: 0).last?.evidence == "others have them")
        #expect(try await stage.state(ana) == .running)
    }

    @Test func `half a snapshot moves nobody whose pod it may lack`() async throws {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        let bo = try #require(try await stage.hold("bo"))
        try await stage.pod("p", of: ana, on: "b")
        try await stage.look(isComplete: false)
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.devices(bo) == ["b/b0"])
    }

    @Test func `what waits for a pod leaves a node that the scheduler takes no more`() async throws {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        stage.set("a", isCordoned: true)
        try await stage.pass(5)
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.ledger.entries(after: 0).last?.evidence == "node a is cordoned")
        #expect(try await stage.hold("bo") == nil)
    }

    @Test func `several cards a node: three who are each elsewhere keep as many cards as they have`() async throws {
        let sizes = [("a", 2), ("b", 3)]
        let inventory = Inventory(
            nodes: sizes.map { name, count in node(name, (0..<count).map { card("\(name)\($0)", ["whole"]) }) },
            pools: [wholePool()])
        var stage = try await Stage.seen(inventory)
        let bo = try #require(try await stage.hold("bo"))
        let ana = try #require(try await stage.hold("ana", cards(2)))
        let cy = try #require(try await stage.hold("cy"))
        #expect([bo, ana, cy].map { $0.placement[0].node } == ["a", "b", "a"])
        for (held, name) in [(bo, "b"), (ana, "a"), (cy, "b")] {
            try await stage.pod("p-\(held.server.user)", of: held, on: name)
        }
        #expect(try await stage.pass(5).deficits == [:])
        #expect(try await stage.devices(ana) == ["a/a0", "a/a1"])
        #expect(try await stage.devices(bo) + stage.devices(cy) == ["b/b0", "b/b1"])
        #expect(stage.free(cards(1)) == 1 && stage.free(cards(2)) == 0)
        #expect(try await stage.hold("di")?.placement.map(\.device) == ["b2"])
    }

    @Test func `a share is laid on the card of its pod's node that has room for it`() async throws {
        let inventory = Inventory(
            nodes: [
                node("a", [card("a0", ["shared"])]), node("b", [card("b0", ["shared"]), card("b1", ["shared"])]),
            ], pools: [sharedPool(unit: gib)])
        var stage = try await Stage.seen(inventory)
        var held: [Reservation] = []
        for (user, size) in [("ana", 30), ("bo", 30), ("cy", 10)] {
            held.append(try #require(try await stage.hold(user, share(size * gib))))
        }
        #expect(held.map { $0.placement[0].device } == ["a0", "b0", "a0"])
        for one in held {
            let asks = ["mortalgpu/shared": one.placement[0].units]
            try await stage.pod("p-\(one.server.user)", of: one, on: "b", asks: asks)
        }
        #expect(try await stage.pass(5).deficits == [:])
        #expect(try await stage.devices(held[0]) == ["b/b1"])
        #expect(try await stage.devices(held[1]) == ["b/b0"])
        #expect(try await stage.devices(held[2]).allSatisfy { ["b/b0", "b/b1"].contains($0) })
        #expect(stage.free(share(40 * gib)) == 1)
        stage.set("a", isCordoned: true)
        try await stage.pass(5)
        #expect(stage.free(share(10 * gib)) == 1 && stage.free(share(20 * gib)) == 0)
    }

    @Test func `a share that has no room where its pod is keeps others off that card`() async throws {
        let inventory = Inventory(
            nodes: ["a", "b"].map { node($0, [card("\($0)0", ["shared"])]) }, pools: [sharedPool(unit: gib)])
        var stage = try await Stage.seen(inventory)
        let ana = try #require(try await stage.hold("ana", share(30 * gib)))
        let bo = try #require(try await stage.hold("bo", share(30 * gib)))
        for (held, name) in [(ana, "b"), (bo, "b")] {
            try await stage.pod(
                "p-\(held.server.user)", of: held, on: name, asks: ["mortalgpu/shared": 30])
        }
        #expect(try await stage.pass(5).deficits["mortalgpu/shared"] ?? 0 > 0)
        #expect(stage.ledger.accounts(now: stage.now).map(\.deficit) == [MiB(0), MiB(20 * gib)])
        #expect(try await stage.hold("cy", share(1 * gib))?.placement.map(\.device) == ["a0"])
        #expect(stage.free(share(39 * gib)) == 1)
    }

    @Test func `a pod on a node without devices of its pool leaves its place as it is, until they are there`()
        async throws
    {
        var stage = try await Stage.seen(Self.two)
        let ana = try #require(try await stage.hold("ana"))
        stage.set("z", uid: "z-1")
        try await stage.pod("p", of: ana, on: "z")
        try await stage.pass(5)
        #expect(try await stage.devices(ana) == ["a/a0"])
        #expect(stage.free() == 1)
        try await stage.replace(
            Inventory(nodes: Self.two.nodes + [node("z", [card("z0", ["whole"])])], pools: [wholePool()]))
        try await stage.pass(5)
        #expect(try await stage.devices(ana) == ["z/z0"])
        #expect(stage.free() == 2)
    }

    @Test func `two pods on a node with one card to be seen are each laid on their own once the other is back`()
        async throws
    {
        var stage = try await Stage.seen(Self.two)
        let (ana, bo) = try await both(&stage, anaOn: "b", boOn: "b")
        #expect(try await stage.pass(5).deficits == ["nvidia.com/gpu": 1])
        try await stage.replace(
            Inventory(
                nodes: [Self.two.nodes[0], node("b", [card("b0", ["whole"]), card("b1", ["whole"])])],
                pools: [wholePool()]))
        #expect(try await stage.pass(5).deficits == [:])
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.devices(bo) == ["b/b1"])
        #expect(stage.free() == 1)
        #expect(try await stage.pass(5).changed == [])
    }

    @Test func `what it costs stays as it was granted`() async throws {
        let inventory = Inventory(
            nodes: [node("a", [card("a0", ["whole"])]), node("b", [card("b0", 80 * gib, ["whole"])])],
            pools: [wholePool()])
        var stage = try await Stage.seen(inventory)
        let ana = try #require(try await stage.hold("ana"))
        try await stage.pod("p", of: ana, on: "b")
        try await stage.pass(5)
        #expect(try await stage.devices(ana) == ["b/b0"])
        #expect(try await stage.ledger.reservation(ana.id)?.charge == ana.charge)
        #expect(ana.charge?.memory == MiB(40 * gib))
    }

    @Test func `one turn changes only so many, and what is left waits for the next`() async throws {
        let count = Ledger.changesMost + 20
        let inventory = Inventory(
            nodes: ["a", "b"].map { name in node(name, (0..<count).map { card("\(name)\($0)", ["whole"]) }) },
            pools: [wholePool()])
        var stage = try await Stage.seen(inventory)
        for user in 0..<count {
            let held = try #require(try await stage.hold("user-\(user)"))
            #expect(held.placement[0].node == "a")
            try await stage.pod("p-\(user)", of: held, on: "b")
        }
        var moved: [Int] = []
        for _ in 0..<3 {
            let seen = try await stage.pass(5)
            #expect(seen.changed.count <= Ledger.changesMost)
            moved.append(stage.ledger.devices(now: stage.now).count { $0.node == "b" && !$0.reservationIDs.isEmpty })
        }
        // The first turn is used up by what has begun to run.
        #expect(moved == [0, Ledger.changesMost - 20, count])
    }
}

extension Stage {
    /// As node/device.
    func devices(_ reservation: Reservation) async throws -> [String] {
        try await ledger.reservation(reservation.id)?.placement.map { "\($0.node)/\($0.device)" } ?? []
    }
}
