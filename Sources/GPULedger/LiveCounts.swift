// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// How many live reservations with a GPU are in each live state; 0 where none is.
    package func liveCounts() async throws(LedgerError) -> [Reservation.State: Int] {
        try await withRows { (rows) throws(StorageError) in try rows.liveCounts() }
    }
}

extension LedgerRows {
    fileprivate func liveCounts() throws(StorageError) -> [Reservation.State: Int] {
        var counts: [Reservation.State: Int] = [:]
        for state in Reservation.State.allCases where state.holdsCapacity { counts[state] = 0 }
        let rows = try connection.query(
            """
            SELECT state, count(*) FROM reservation WHERE \(Reservation.State.isLiveSQL()) AND pool IS NOT NULL
            GROUP BY state
            """)
        for row in rows {
            if let state = Reservation.State(rawValue: try row.text(0)) { counts[state] = Int(try row.integer(1)) }
        }
        return counts
    }
}
