// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// I16 where placements are told anew: whoever follows the journal, or reads the ledger from its tables, sees the same.
@Suite(.onEachStore) struct PlacedAnewReplayTests {
    private static let both = Inventory(
        nodes: ["a", "b"].map { node($0, [card("\($0)0", ["whole", "shared"])]) },
        pools: [
            wholePool(),
            Pool(
                name: "shared", displayName: "",
                mode: .shared(
                    .init(unit: MiB(gib), overcommitPercent: 100, sharersMax: 9, keptOpenFor: .seconds(600))),
                resourceName: "mortalgpu/shared"),
        ])

    @Test func `after a restart, and for another replica, everything is where it was`() async throws {
        var stage = try await Stage.seen(PlacedAnewTests.two)
        let replica = try Ledger(stage.scratch.store, inventory: stage.inventory)
        for (user, name) in [("ana", "b"), ("bo", "a")] {
            let held = try #require(try await stage.hold(user))
            try await stage.pod("p-\(user)", of: held, on: name)
        }
        try await stage.pass(5)
        let accounts = stage.ledger.accounts(now: stage.now)
        let devices = stage.ledger.devices(now: stage.now)
        try await replica.check()
        #expect(replica.accounts(now: stage.now) == accounts)
        #expect(replica.devices(now: stage.now) == devices)
        await replica.close()
        try await stage.restart()
        #expect(stage.ledger.accounts(now: stage.now) == accounts)
        #expect(stage.ledger.devices(now: stage.now) == devices)
        #expect(try await stage.pass(5).changed == [])
    }

    @Test func `a card stays with shares where the share was last, for who hears of its move and end at once`()
        async throws
    {
        var stage = try await Stage.seen(Self.both)
        let held = try #require(try await stage.hold("ana", share(10 * gib)))
        let replica = try Ledger(stage.scratch.store, inventory: stage.inventory)
        try await stage.pod("p", of: held, on: "b", asks: ["mortalgpu/shared": 10])
        try await stage.pass(5)
        #expect(try await stage.devices(held) == ["b/b0"])
        stage.pods = [:]
        _ = try await stage.ledger.release(held.server, start: nil, now: stage.now)
        try await stage.pass(1)
        #expect(try await stage.state(held) == .released)
        let asked = request(cards(1), for: "bo", at: stage.now)
        #expect(try await replica.hold(asked)?.placement.map(\.device) == ["a0"])
        await replica.close()
    }

    @Test func `where something was that has ended never changes, and what lives may be laid anew`() async throws {
        var stage = try await Stage.seen(PlacedAnewTests.two)
        let ended = try #require(try await stage.hold("ana"))
        let lives = try #require(try await stage.hold("bo"))
        _ = try await stage.ledger.release(ended.server, start: nil, now: stage.now)
        try await stage.pass(1)
        #expect(try await stage.state(ended) == .cancelled)
        await stage.ledger.close()
        let connection = try stage.scratch.store.open()
        defer { connection.close() }
        let columns = "(reservation_id, node, card, device, mode, units, memory_mib, limit_mib)"
        for fault in [
            "DELETE FROM placement WHERE reservation_id = '\(ended.id)'",
            "INSERT INTO placement \(columns) VALUES ('\(ended.id)', 'b', 'b0', 'b0', 'whole', 1, 1, 1)",
            "UPDATE placement SET node = 'z'",
        ] {
            #expect(throws: StorageError.self, "\(fault)") { try connection.execute(fault) }
        }
        try connection.execute("DELETE FROM placement WHERE reservation_id = '\(lives.id)'")
        try connection.execute(
            "INSERT INTO placement \(columns) VALUES ('\(lives.id)', 'a', 'a0', 'a0', 'whole', 1, 1, 1)")
    }

    /// Of before placements could be told anew: one that runs, one that is over.
    private func makeSixth(_ store: LedgerStore) throws {
        let old: any SQLConnection =
            switch store {
            case .file(let path): try SQLiteConnection.open(path)
            case .postgres(let terms): try PostgresConnection.open(terms)
            }
        try Schema(component: "gpu-ledger", steps: Array(Schema.ledger.steps.prefix(6))).migrate(old)
        let at = noon.unixMilliseconds
        try old.run(
            script: """
                INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                    device_count, created_at_unix_ms, held_until_unix_ms, terms)
                VALUES ('runs', 'production', 'ana', '', '1', 'bound', 2, 'whole', 'cards', 1, \(at), \(at), '{}'),
                    ('over', 'production', 'bo', '', '1', 'released', 3, 'whole', 'cards', 1, \(at), \(at), '{}');
                INSERT INTO placement VALUES ('runs', 'a', 'a0', 'a0', 'whole', 1, 40960, 40960),
                    ('over', 'b', 'b0', 'b0', 'whole', 1, 40960, 40960);
                INSERT INTO ledger_entry (reservation_id, from_state, to_state, cause, at_unix_ms, revision)
                VALUES ('runs', NULL, 'held', 'reserved', \(at), 1), ('runs', 'held', 'bound', 'bound', \(at), 2),
                    ('over', NULL, 'held', 'reserved', \(at), 1), ('over', 'held', 'bound', 'bound', \(at), 2),
                    ('over', 'bound', 'released', 'stopped', \(at), 3);
                """)
        old.close()
    }

    @Test func `a ledger of the version before is brought to this one, and its reservations may be laid anew`()
        async throws
    {
        let scratch = Scratch()
        try makeSixth(scratch.store)
        let ledger = try Ledger(scratch.store, inventory: PlacedAnewTests.two)
        let pod = SeenPod(
            uid: "p", namespace: "hub", name: "jupyter-ana", node: "b", phase: .running, hasStarted: true,
            asks: ["nvidia.com/gpu": 1], reservationID: "runs")
        let nodes = ["a", "b"].map { SeenNode(name: $0, uid: "\($0)-1") }
        _ = try await ledger.observe(
            ClusterSnapshot(generation: 1, observedAt: noon, isComplete: true, nodes: nodes, pods: [pod]), now: noon)
        #expect(try await ledger.reservation("runs")?.placement == [.init(node: "b", device: "b0", units: 1)])
        #expect(try await ledger.entries(after: 5).map(\.cause) == [.podRunning, .placedAnew])
        await ledger.close()
        let connection = try scratch.store.open()
        defer { connection.close() }
        #expect(throws: StorageError.self) {
            try connection.execute("DELETE FROM placement WHERE reservation_id = 'over'")
        }
    }
}
