// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// The states of those of `ids` that the ledger knows, live or ended.
    ///
    /// Not as of one moment where they are many: decisions go on in between.
    package func states(of ids: Set<String>) async throws(LedgerError) -> [String: Reservation.State] {
        var states: [String: Reservation.State] = [:]
        var rest = Array(ids)[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(LedgerRows.statesMost))
            rest = rest.dropFirst(part.count)
            let found = try await withRows { (rows) throws(StorageError) in try rows.states(of: part) }
            states.merge(found) { _, newer in newer }
        }
        return states
    }
}

extension LedgerRows {
    static let statesMost = 100

    /// Always as many parameters, so that the database prepares one statement.
    private static let statesQuery = """
        SELECT id, state FROM reservation
        WHERE id IN (\((1...statesMost).map { "$\($0)" }.joined(separator: ", ")))
        """

    /// - Parameter ids: at most `statesMost`.
    fileprivate func states(of ids: [String]) throws(StorageError) -> [String: Reservation.State] {
        let padding = Array(repeating: ids.first ?? "", count: Self.statesMost - ids.count)
        let rows = try connection.query(Self.statesQuery, (ids + padding).map { SQLValue($0) })
        let pairs = try rows.mapRows { (row) throws(StorageError) in
            (try row.text(0), try Reservation.State(rawValue: try row.text(1)).orCorrupt("state"))
        }
        return Dictionary(pairs, uniquingKeysWith: { _, newer in newer })
    }
}
