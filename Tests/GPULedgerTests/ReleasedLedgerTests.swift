// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// Ledgers of former versions are opened with all that is in them, on each kind of database.
@Suite(.onEachStore) struct ReleasedLedgerTests {
    let scratch = Scratch()
    let inventory = Inventory(
        nodes: [node("a", [card("a0", ["whole"]), card("a1", ["shared"])])], pools: [wholePool(), sharedPool()])

    /// The tables of version 1, with the rows of the released file.
    private func makeFirst() throws {
        let file = try #require(
            Bundle.module.url(forResource: "version1.sqlite", withExtension: "sql", subdirectory: "Released"))
        let script = try String(contentsOf: file, encoding: .utf8)
        switch scratch.store {
        case .file(let path):
            let old = try SQLiteConnection.open(path)
            try old.run(script: script)
            old.close()
        case .postgres:
            let rows: Range<String.Index> = try #require(script.firstRange(of: "INSERT INTO reservation"))
            let old = try open(atVersion: 1)
            let inserts = String(script[rows.lowerBound...])
            try old.run(script: inserts.replacing(" VALUES\n", with: " OVERRIDING SYSTEM VALUE VALUES\n"))
            try old.run(
                script: """
                    SELECT setval(pg_get_serial_sequence('reservation', 'number'), 4),
                        setval(pg_get_serial_sequence('ledger_entry', 'sequence'), 7)
                    """)
            old.close()
        }
    }

    private func open(atVersion version: Int) throws -> any SQLConnection {
        let connection: any SQLConnection =
            switch scratch.store {
            case .file(let path): try SQLiteConnection.open(path)
            case .postgres(let terms): try PostgresConnection.open(terms)
            }
        try Schema(component: "gpu-ledger", steps: Array(Schema.ledger.steps.prefix(version))).migrate(connection)
        return connection
    }

    @Test func `a ledger of the first version is brought to the newest, and goes on`() async throws {
        try makeFirst()
        let ledger = try Ledger(scratch.store, inventory: inventory)
        #expect(try await ledger.entries(after: 0).map(\.sequence) == Array(1...7))
        let all = try await ledger.reservations(includingEnded: true)
        #expect(all.map(\.id) == ["r-expired", "r-released", "r-bound", "r-held"])
        #expect(all.map(\.revision) == [2, 2, 2, 1])
        #expect(try await ledger.reservation("r-bound")?.gpu == share(1024, limit: 2048))
        #expect(ledger.availability(of: cards(1)).freeNow == 0)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await ledger.hold(request(cards(1), for: "eve"))?.placement.map(\.device) == ["a0"])
        #expect(try await ledger.entries(after: 7).map(\.sequence) == [8, 9])
        await ledger.close()
    }

    /// Those that have been released, and the ones between.
    static let formerVersions = 1..<Schema.ledger.steps.count

    @Test(arguments: formerVersions)
    func `what is held in a ledger of any former version is held in the newest`(version: Int) async throws {
        let old = try open(atVersion: version)
        try old.run(
            script: """
                INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                    device_count, created_at_unix_ms, held_until_unix_ms, terms)
                VALUES ('held', 'production', 'ana', '', '1', 'held', 1, 'mig', 'mig-instances', 1, 1, 1, '{}');
                INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib)
                VALUES ('held', 'a', 'a0', 'i0', 'mig', 1, 5120, 5120);
                INSERT INTO ledger_entry (reservation_id, to_state, cause, at_unix_ms, revision)
                VALUES ('held', 'held', 'reserved', 1, 1);
                """)
        old.close()
        let cards = [card("a0", [], mig: [instance("i0", "1g.5gb", 5 * gib, ["mig"])]), card("a1", ["cut"])]
        let ledger = try Ledger(
            scratch.store,
            inventory: Inventory(
                nodes: [node("a", cards)], pools: [migPool("mig", "1g.5gb"), cutPool("cut", "3g.20gb")]))
        #expect(try await ledger.reservation("held")?.placement == [.init(node: "a", device: "i0", units: 1)])
        #expect(ledger.availability(of: instances(1, from: "mig")).freeNow == 0)
        #expect(try await ledger.devices(instances(1, from: "cut"), for: "bo") == ["a1/3g.20gb@4"])
        await ledger.close()
    }

    /// Of before one table said what a session costs: one that runs, one that is held, one that is over.
    private func makeFourth() throws {
        let old = try open(atVersion: 4)
        let day = noon.unixMilliseconds
        try old.run(
            script: """
                INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                    request_mib, limit_mib, created_at_unix_ms, held_until_unix_ms, terms)
                VALUES ('runs', 'production', 'ana', '', '1', 'bound', 2, 'shared', 'share', 1024, 1024, \(day), \(day), '{}'),
                    ('held', 'production', 'bo', '', '1', 'held', 1, 'shared', 'share', 1024, 1024, \(day), \(day), '{}'),
                    ('over', 'production', 'cy', '', '1', 'released', 3, 'shared', 'share', 1024, 1024, \(day), \(day), '{}');
                INSERT INTO placement VALUES ('runs', 'a', 'a1', 'a1', 'shared', 1024, 1024, 1024),
                    ('held', 'a', 'a1', 'a1', 'shared', 1024, 1024, 1024);
                INSERT INTO ledger_entry (reservation_id, from_state, to_state, cause, at_unix_ms, revision)
                VALUES ('runs', NULL, 'held', 'reserved', \(day), 1), ('runs', 'held', 'bound', 'bound', \(day), 2),
                    ('held', NULL, 'held', 'reserved', \(day), 1), ('over', NULL, 'held', 'reserved', \(day), 1),
                    ('over', 'held', 'bound', 'bound', \(day), 2), ('over', 'bound', 'released', 'stopped', \(day), 3);
                INSERT INTO charge (reservation_id, deployment, user_name, payer, pool, milli_cards, memory_mib, is_live)
                VALUES ('runs', 'production', 'ana', 'g', 'shared', 9999, 9999, 1),
                    ('held', 'production', 'bo', '', 'shared', 9999, 9999, 1),
                    ('over', 'production', 'cy', '', 'shared', 9999, 9999, 1);
                INSERT INTO usage_account (id, deployment, user_name, payer_group, profile, pool)
                VALUES (1, 'production', 'ana', 'g', 'gpu', 'shared'), (2, 'production', 'bo', '', 'gpu', 'shared');
                INSERT INTO usage_clock (one, at_unix_ms, elapsed_ms) VALUES (1, \(day), 5000);
                INSERT INTO usage_charge (reservation_id, account_id, milli_cards, memory_mib, began_elapsed_ms)
                VALUES ('runs', 1, 25, 1024, 5000), ('held', 2, 25, 1024, NULL);
                """)
        old.close()
    }

    @Test func `what sessions cost is the same for quotas and usage once one table says it, and no use is lost`()
        async throws
    {
        try makeFourth()
        let ledger = try Ledger(scratch.store, inventory: inventory)
        #expect(try await ledger.reservation("runs")?.charge?.milliCards == 25)
        var quotas = Quotas()
        quotas.pools["shared"] = QuotaLimits(sessions: 9, milliCards: 99, memory: MiB(9999), gpuHours: 1)
        let hour = noon + .seconds(3600)
        let used = try await ledger.quotaStandings(under: quotas, now: hour).map(\.used)
        // Two that live; of hours only what runs.
        #expect(used == [2, 50, 2048, 25 * 3600])
        #expect(ledger.sharedQuotaStandings(under: quotas, now: hour).map(\.used) == used)
        let day = try #require(DayRange(from: noon, to: noon + .seconds(86_400)))
        let expected = UsageSum(name: "g", milliCardSeconds: 25 * 3600, mibSeconds: 1024 * 3600)
        #expect(try await ledger.usage(day, by: .group, now: hour) == [expected])
        _ = try await ledger.release(server("ana"), start: nil, now: hour)
        #expect(try await ledger.usage(day, by: .group, now: hour + .seconds(60)) == [expected])
        #expect(try await ledger.quotaStandings(under: quotas, now: hour).map(\.used) == [1, 25, 1024, 25 * 3600])
        await ledger.close()
    }
}
