// SPDX-License-Identifier: Apache-2.0

/// The tables of one part of Berth, as the list of steps that made them.
///
/// Several parts may keep their tables in one database; each counts its own versions. A step that was released is
/// never edited: the next change is a further step.
package struct Schema: Sendable {
    /// Names the part in `schema_version` and in errors.
    package let component: String
    /// The step to version 1, to version 2, and so on.
    package let steps: [Step]

    package init(component: String, steps: [Step]) {
        self.component = component
        self.steps = steps
    }

    /// Brings the tables to the newest version, in one transaction: a step that fails leaves all as it was.
    ///
    /// - Throws: `StorageError.newerSchema` when the database has seen steps that are not in this list.
    package func migrate(_ connection: any SQLConnection) throws(StorageError) {
        try connection.transaction { (connection) throws(StorageError) in
            try connection.execute(Self.versionTable)
            let found = try version(in: connection)
            guard found <= steps.count else {
                throw .newerSchema(
                    database: connection.name,
                    component: component,
                    found: found,
                    known: steps.count
                )
            }
            guard found < steps.count else { return }
            for step in steps[found...] { try connection.run(script: step.script(in: connection.dialect)) }
            try connection.execute(
                """
                INSERT INTO schema_version (component, version) VALUES ($1, $2)
                ON CONFLICT (component) DO UPDATE SET version = excluded.version
                """,
                [SQLValue(component), SQLValue(steps.count)]
            )
        }
    }

    private func version(in connection: any SQLConnection) throws(StorageError) -> Int {
        let rows = try connection.query(
            "SELECT version FROM schema_version WHERE component = $1",
            [SQLValue(component)]
        )
        return Int(try rows.first?.integer(0) ?? 0)
    }

    private static let versionTable =
        "CREATE TABLE IF NOT EXISTS schema_version (component TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL)"
}
