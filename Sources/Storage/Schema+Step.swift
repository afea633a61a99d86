// SPDX-License-Identifier: Apache-2.0

/// Whose SQL a script is written in, where one script can't be for all.
package enum SQLDialect: Sendable, CaseIterable {
    case sqlite
    case postgres
}

extension Schema {
    /// What brings the tables from one version to the next, for each database in its own words.
    package struct Step: Sendable {
        private let sqlite: String
        private let postgres: String

        package init(sqlite: String, postgres: String) {
            self.sqlite = sqlite
            self.postgres = postgres
        }

        /// One script of plain SQL that every database takes.
        package init(both script: String) { self.init(sqlite: script, postgres: script) }

        func script(in dialect: SQLDialect) -> String {
            switch dialect {
            case .sqlite: sqlite
            case .postgres: postgres
            }
        }
    }
}
