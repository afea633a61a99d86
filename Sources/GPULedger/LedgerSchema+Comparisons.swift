// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension Schema {
    /// The same rules in words that cost SQLite less (`anySQL`): they are a third of a reservation's CPU time else.
    ///
    /// No row changes by it, so the tables stay, and what is written in the schema of their CHECKs is replaced, by SQLite's own
    /// procedure for that (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"). The new
    /// indices have every connection read the schema again. PostgreSQL has nothing to gain.
    static let comparisons = Step(sqlite: comparisonsSQLite, postgres: "")

    private static let comparisonsSQLite = """
        DROP INDEX reservation_live_by_state;
        DROP INDEX reservation_live;
        DROP TRIGGER reservation_that_ended_stays;
        DROP TRIGGER placement_is_of_what_lives;

        PRAGMA writable_schema = ON;
        \(replacing("reservation", "state", states))
        \(replacing("reservation", "amount", ["cards", "mig-instances", "share"]))
        \(replacing("placement", "mode", ["whole", "mig", "shared"]))
        \(replacing("ledger_entry", "from_state", live))
        \(replacing("ledger_entry", "to_state", states))
        PRAGMA writable_schema = RESET;

        CREATE INDEX reservation_live_by_state ON reservation (state, held_until_unix_ms)
            WHERE \(anySQL("state", live));
        CREATE INDEX reservation_live ON reservation (deployment, user_name, server_name)
            WHERE \(anySQL("state", live));
        CREATE TRIGGER reservation_that_ended_stays BEFORE UPDATE ON reservation
            WHEN \(anySQL("OLD.state", ended))
            BEGIN SELECT RAISE(ABORT, 'a reservation that has ended never changes'); END;
        CREATE TRIGGER placement_is_of_what_lives BEFORE INSERT ON placement
            WHEN EXISTS (SELECT 1 FROM reservation WHERE id = NEW.reservation_id AND \(anySQL("state", ended)))
            BEGIN SELECT RAISE(ABORT, 'where a reservation was that has ended never changes'); END;
        """

    private static let live = ["held", "bound", "running", "overdue", "releasing", "lost"]
    private static let ended = ["released", "expired", "cancelled", "failed"]
    private static let states = live + ended

    /// The list as it stands in the schema since version 2: that of all states has two lines.
    private static func replacing(_ table: String, _ column: String, _ words: [String]) -> String {
        let list = words.map { "'\($0)'" }.joined(separator: ", ").replacing(
            ", 'released'", with: ",\n        'released'")
        return """
            UPDATE sqlite_schema
                SET sql = replace(sql, \(quoted("\(column) IN (\(list))")), \(quoted(anySQL(column, words))))
                WHERE type = 'table' AND name = '\(table)';
            """
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
