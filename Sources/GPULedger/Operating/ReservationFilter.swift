// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// Which reservations are asked for; what is nil does not matter.
package struct ReservationFilter: Sendable, Hashable {
    /// Nil for all that are live.
    package var states: [Reservation.State]?
    package var deployment: String?
    package var user: String?
    package var pool: String?
    /// Only those that are older than this one.
    package var olderThan: String?

    package init() {}
}

extension Ledger {
    /// The newest first, at most `most`.
    package func reservations(
        _ filter: ReservationFilter, most: Int
    ) async throws(LedgerError) -> [Reservation] {
        try await withRows { (rows) throws(StorageError) in
            try rows.reservations(filter, most: min(most, Self.listMax)).map(\.reservation)
        }
    }
}

extension LedgerRows {
    fileprivate func reservations(_ filter: ReservationFilter, most: Int) throws(StorageError) -> [StoredReservation] {
        // The words are ours, so that the index of what is live can be used.
        let states = (filter.states ?? Reservation.State.allCases.filter(\.holdsCapacity)).map { "'\($0.rawValue)'" }
        var conditions = ["state IN (\(states.joined(separator: ", ")))"]
        var parameters: [SQLValue] = []
        let wanted = [("deployment", filter.deployment), ("user_name", filter.user), ("pool", filter.pool)]
        for case (let column, let value?) in wanted {
            parameters.append(SQLValue(value))
            conditions.append("\(column) = $\(parameters.count)")
        }
        if let id = filter.olderThan {
            parameters.append(SQLValue(id))
            conditions.append("number < (SELECT number FROM reservation WHERE id = $\(parameters.count))")
        }
        parameters.append(SQLValue(most))
        return try reservations(
            where: conditions.joined(separator: " AND ") + " ORDER BY number DESC LIMIT $\(parameters.count)",
            parameters)
    }
}
