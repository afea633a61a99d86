// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

@Suite struct LifeMigrationTests {
    let scratch = Scratch()

    /// As the version before made them.
    private func makeFirstVersion() throws {
        let connection = try SQLiteConnection.open(scratch.ledger)
        try Schema(component: "gpu-ledger", steps: [.init(both: Schema.version1SQLite)]).migrate(connection)
        try connection.run(
            script: """
                INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                    device_count, walltime_ms, created_at_unix_ms, held_until_unix_ms, ends_by_unix_ms, terms)
                VALUES ('r1', 'production', 'ana', '', '1', 'bound', 2, 'whole', 'cards', 1, 3600000, 1, 2, 99, '{}'),
                    ('r2', 'production', 'bo', '', '1', 'expired', 2, NULL, NULL, NULL, NULL, 1, 2, NULL, '{}');
                INSERT INTO placement VALUES ('r1', 'a', 'a0', 'a0', 'whole', 1, 40960, 40960);
                INSERT INTO ledger_entry (reservation_id, from_state, to_state, cause, at_unix_ms, revision)
                VALUES ('r1', NULL, 'held', 'reserved', 1, 1), ('r1', 'held', 'bound', 'bound', 2, 2),
                    ('r2', NULL, 'held', 'reserved', 1, 1), ('r2', 'held', 'expired', 'hold-lapsed', 3, 2);
                """)
        connection.close()
    }

    @Test func `a ledger of the version before keeps every row, and its reservations go on`() async throws {
        try makeFirstVersion()
        let ledger = try Ledger(path: scratch.ledger, inventory: Stage.one)
        let all = try await ledger.reservations(includingEnded: true)
        #expect(all.map(\.id) == ["r2", "r1"])
        #expect(all.map(\.state) == [.expired, .bound])
        #expect(all[1].placement == [.init(node: "a", device: "a0", units: 1)])
        #expect(all[1].endsBy == Instant(unixMilliseconds: 99))
        let entries = try await ledger.entries(after: 0)
        #expect(entries.map(\.sequence) == [1, 2, 3, 4])
        #expect(entries.map(\.cause) == [.reserved, .bound, .reserved, .holdLapsed])
        #expect(ledger.availability(of: cards(1)).freeNow == 0)
        // Numbers go on where they were, and the rules still stand.
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await ledger.entries(after: 4).map(\.sequence) == [5])
        await ledger.close()
        let connection = try SQLiteConnection.open(scratch.ledger)
        #expect(throws: StorageError.self) {
            try connection.execute("UPDATE reservation SET state = 'held', revision = 4")
        }
        #expect(throws: StorageError.self) { try connection.execute("DELETE FROM ledger_entry") }
        #expect(throws: StorageError.self) {
            try connection.execute("INSERT INTO placement VALUES ('none', 'a', 'a0', 'a0', 'whole', 1, 1, 1)")
        }
    }
}
