// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// On each kind of database: what a newer Berth has changed is left as it is.
@Suite(.onEachStore) struct SchemaRuleTests {
    let scratch = Scratch()

    @Test func `a ledger of a newer Berth is refused`() throws {
        let connection = try scratch.store.open()
        try connection.execute("UPDATE schema_version SET version = 99")
        connection.close()
        #expect(throws: LedgerError.self) {
            try Ledger(scratch.store, inventory: Inventory(nodes: [], pools: []))
        }
    }

    @Test func `the schema itself refuses what must never be`() throws {
        let connection = try scratch.store.open()
        try connection.run(script: Self.two("released"))
        for fault in [
            "UPDATE ledger_entry SET cause = 'x'", "DELETE FROM ledger_entry", "UPDATE placement SET units = 2",
            Self.slot(start: 8, length: 1), Self.slot(start: 4, length: 8),
            "UPDATE reservation SET state = 'held', revision = 2 WHERE id = 'b'",
            "UPDATE reservation SET revision = 5 WHERE id = 'a'",
            "UPDATE reservation SET revision = 2, terms = 'x' WHERE id = 'a'",
        ] {
            #expect(throws: StorageError.self, "\(fault)") { try connection.execute(fault) }
        }
        #expect(throws: StorageError.self) { try connection.run(script: Self.one("c", "held")) }
        connection.close()
    }

    private static func two(_ state: String) -> String {
        one("a", "held") + one("b", state)
            + """
            INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib)
                VALUES ('a', 'n', 'c', 'c', 'whole', 1, 1, 1);
            INSERT INTO ledger_entry (reservation_id, to_state, cause, at_unix_ms, revision)
                VALUES ('a', 'held', 'reserved', 1, 1);
            """
    }

    /// Beyond the end of its card.
    private static func slot(start: Int, length: Int) -> String {
        """
        INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib, mig_profile,
            mig_start, mig_length) VALUES ('a', 'n', 'd', 'd/p', 'mig', 1, 1, 1, 'p', \(start), \(length))
        """
    }

    private static func one(_ id: String, _ state: String) -> String {
        """
        INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, created_at_unix_ms,
            held_until_unix_ms, terms) VALUES ('\(id)', 'p', 'ana', '', '\(id)', '\(state)', 1, 1, 1, '{}');
        """
    }
}
