// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// The ledger's rows as values, inside one transaction.
struct LedgerRows {
    let connection: any SQLConnection
    let standing: Standing

    init(_ connection: any SQLConnection, _ standing: Standing = Standing()) {
        self.connection = connection
        self.standing = standing
    }

    /// Everything live that holds capacity, in no order.
    func holds() throws(StorageError) -> [Hold] { try holds(where: "TRUE", []) }

    /// What one reservation holds; nothing when it has ended.
    func holds(of id: String) throws(StorageError) -> [Hold] { try holds(where: "r.id = $1", [SQLValue(id)]) }

    private func holds(where condition: String, _ parameters: [SQLValue]) throws(StorageError) -> [Hold] {
        let rows = try connection.query("\(Self.holdsQuery) AND \(condition)", parameters)
        return try rows.mapRows { (row) throws(StorageError) in try Hold(row) }
    }

    /// It must not look at what has ended, of which there is ever more.
    static let holdsQuery = """
        SELECT r.id, r.pool, r.state, r.held_until_unix_ms, r.walltime_ms, r.ends_by_unix_ms,
            p.mode, p.node, p.card, p.device, p.units, p.memory_mib, p.limit_mib,
            p.mig_profile, p.mig_start, p.mig_length
        FROM reservation r JOIN placement p ON p.reservation_id = r.id
        WHERE r.state IN \(Reservation.State.liveSQL)
        """

    func reservation(_ id: String) throws(StorageError) -> StoredReservation? {
        try reservations(where: "id = $1", [SQLValue(id)]).first
    }

    func reservation(of server: ServerID, start: StartID) throws(StorageError) -> StoredReservation? {
        try reservations(
            where: "deployment = $1 AND user_name = $2 AND server_name = $3 AND start = $4",
            server.parameters + [SQLValue(start.text)]
        ).first
    }

    /// More than one only while a former start's pod has yet to go; the newest first.
    func live(of server: ServerID) throws(StorageError) -> [StoredReservation] {
        try reservations(
            where: """
                deployment = $1 AND user_name = $2 AND server_name = $3 AND state IN \(Reservation.State.liveSQL)
                ORDER BY number DESC
                """,
            server.parameters
        )
    }

    /// The one that was made last, live or not.
    func latest(of server: ServerID) throws(StorageError) -> StoredReservation? {
        try reservations(
            where: "deployment = $1 AND user_name = $2 AND server_name = $3 ORDER BY number DESC LIMIT 1",
            server.parameters
        ).first
    }

    /// Held ones whose time is over, oldest first. With a cluster, those of which no pod can be seen.
    func lapsed(now: Instant, most: Int) throws(StorageError) -> [StoredReservation] {
        let unseen = standing.cluster == nil ? "TRUE" : "(pool IS NULL OR is_podless = 1)"
        return try reservations(
            where: """
                state IN \(Reservation.State.liveSQL) AND state = 'held' AND held_until_unix_ms <= $1 AND \(unseen)
                ORDER BY number LIMIT $2
                """,
            [SQLValue(now.unixMilliseconds), SQLValue(most)]
        )
    }

    /// The newest first.
    func list(includingEnded: Bool, most: Int) throws(StorageError) -> [StoredReservation] {
        let condition = includingEnded ? "TRUE" : "state IN \(Reservation.State.liveSQL)"
        return try reservations(where: "\(condition) ORDER BY number DESC LIMIT $1", [SQLValue(most)])
    }

    func entries(after sequence: Int64, most: Int) throws(StorageError) -> [LedgerEntry] {
        let rows = try connection.query(
            """
            SELECT sequence, reservation_id, from_state, to_state, cause, evidence, epoch, at_unix_ms, revision
            FROM ledger_entry WHERE sequence > $1 ORDER BY sequence LIMIT $2
            """,
            [SQLValue(sequence), SQLValue(most)]
        )
        return try rows.mapRows { (row) throws(StorageError) in try LedgerEntry(row) }
    }

    /// The newest entry's number; 0 before the first.
    func lastSequence() throws(StorageError) -> Int64 {
        try connection.query("SELECT coalesce(max(sequence), 0) FROM ledger_entry", [])[0].integer(0)
    }

    func reservations(
        where condition: String,
        _ parameters: [SQLValue]
    ) throws(StorageError) -> [StoredReservation] {
        let rows = try connection.query(
            "SELECT \(StoredReservation.columns) FROM reservation WHERE \(condition)",
            parameters
        )
        return try rows.mapRows { (row) throws(StorageError) in
            try StoredReservation(row, placement: placement(of: try row.text(0)), charge: charge(of: row))
        }
    }

    private func placement(of id: String) throws(StorageError) -> [Reservation.Placement] {
        let rows = try connection.query(
            """
            SELECT node, device, units, CASE WHEN mig_start IS NOT NULL THEN card END
            FROM placement WHERE reservation_id = $1 ORDER BY device
            """,
            [SQLValue(id)]
        )
        return try rows.mapRows { (row) throws(StorageError) in
            Reservation.Placement(
                node: try row.text(0), device: try row.text(1), units: Int(try row.integer(2)),
                onDemandCard: try row.textOrNull(3))
        }
    }
}

extension ServerID {
    var parameters: [SQLValue] { [SQLValue(deployment), SQLValue(user), SQLValue(name)] }
}

extension [SQLRow] {
    /// `map` with a typed error, which the standard library's closures lose inside a `rethrows` of their own.
    func mapRows<Value>(_ read: (SQLRow) throws(StorageError) -> Value) throws(StorageError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for row in self { values.append(try read(row)) }
        return values
    }
}
