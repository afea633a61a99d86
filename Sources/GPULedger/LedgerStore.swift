// SPDX-License-Identifier: Apache-2.0
package import Storage

/// Which database the ledger is kept in.
package enum LedgerStore: Sendable, Hashable {
    /// A SQLite file, for one Berth.
    case file(String)
    /// A PostgreSQL database, for as many Berths as one likes.
    case postgres(PostgresTerms)

    /// Connects to look only: the tables stay as they are.
    func openForReading() throws(StorageError) -> any SQLConnection {
        switch self {
        case .file(let path): try SQLiteConnection.openForReading(path)
        case .postgres(let terms): try PostgresConnection.open(terms)
        }
    }

    /// Connects, with the tables at their newest version.
    func open() throws(StorageError) -> any SQLConnection {
        let connection: any SQLConnection =
            switch self {
            case .file(let path): try SQLiteConnection.open(path)
            case .postgres(let terms): try PostgresConnection.open(terms)
            }
        try Schema.ledger.migrate(connection)
        return connection
    }
}
