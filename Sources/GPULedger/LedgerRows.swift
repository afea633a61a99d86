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
    func holds() throws(StorageError) -> [Hold] {
        try holds(Self.allHolds, [])
    }

    /// What the reservations hold that the journal names after `sequence`, and one that it does not; nothing where it has
    /// ended.
    func holds(changedAfter sequence: Int64, and id: String) throws(StorageError) -> [Hold] {
        try holds(Self.changedHolds, [SQLValue(sequence), SQLValue(id)])
    }

    private func holds(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [Hold] {
        try connection.query(sql, parameters).mapRows { (row) throws(StorageError) in try Hold(row) }
    }

    /// It must not look at what has ended, of which there is ever more.
    static let allHolds = """
        \(holdsColumns)
        FROM reservation r JOIN placement p ON p.reservation_id = r.id WHERE \(Reservation.State.isLiveSQL("r.state"))
        """

    /// It must not look at what nothing has happened to. SQLite keeps the order of a CROSS JOIN; PostgreSQL finds its own.
    /// Of a reservation's entries the last has its revision.
    static let changedHolds = """
        \(holdsColumns)
        FROM ledger_entry e CROSS JOIN reservation r JOIN placement p ON p.reservation_id = r.id
        WHERE e.sequence > $1 AND r.id = e.reservation_id AND r.revision = e.revision
            AND \(Reservation.State.isLiveSQL("r.state"))
        UNION ALL \(holdsColumns)
        FROM reservation r JOIN placement p ON p.reservation_id = r.id
        WHERE r.id = $2 AND \(Reservation.State.isLiveSQL("r.state"))
        """

    private static let holdsColumns = """
        SELECT r.id, r.pool, r.state, r.held_until_unix_ms, r.walltime_ms, r.ends_by_unix_ms,
            p.mode, p.node, p.card, p.device, p.units, p.memory_mib, p.limit_mib, p.mig_profile, p.mig_start, p.mig_length
        """

    func reservation(_ id: String) throws(StorageError) -> StoredReservation? {
        try reservations(where: "id = $1", [SQLValue(id)]).first
    }

    func reservation(of server: ServerID, start: StartID) throws(StorageError) -> StoredReservation? {
        try reservations(
            where: "\(Self.ofServer) AND start = $4", server.parameters + [SQLValue(start.text)]
        ).first
    }

    /// What is live of the server, more than one only while a former start's pod has yet to go, and what this start has
    /// or had; the newest first.
    func reservations(
        of server: ServerID, liveOrStart start: StartID
    ) throws(StorageError) -> [StoredReservation] {
        let rows = try connection.query(Self.liveOrStart, server.parameters + [SQLValue(start.text)])
        return try StoredReservation.all(joined: try StoredReservation.newestFirst(rows))
    }

    /// Two questions, each by an index of its own: of a server's starts there are ever more.
    static let liveOrStart = joined(
        to: """
            \(reservationRows) WHERE \(ofServer) AND start = $4
            UNION ALL \(reservationRows) WHERE \(ofServer) AND start <> $4 AND \(Reservation.State.isLiveSQL())
            """)

    private static let ofServer = "deployment = $1 AND user_name = $2 AND server_name = $3"

    /// The one that was made last, live or not.
    func latest(of server: ServerID) throws(StorageError) -> StoredReservation? {
        try reservations(
            where: "\(Self.ofServer) ORDER BY number DESC LIMIT 1", server.parameters
        ).first
    }

    /// Held ones whose time is over, oldest first. With a cluster, those of which no pod can be seen.
    func lapsed(now: Instant, most: Int) throws(StorageError) -> [StoredReservation] {
        let unseen = standing.cluster == nil ? "TRUE" : "(pool IS NULL OR is_podless = 1)"
        return try reservations(
            where: """
                \(Reservation.State.isLiveSQL()) AND state = 'held' AND held_until_unix_ms <= $1 AND \(unseen)
                ORDER BY number LIMIT $2
                """,
            [SQLValue(now.unixMilliseconds), SQLValue(most)]
        ).reversed()
    }

    /// The newest first.
    func list(includingEnded: Bool, most: Int) throws(StorageError) -> [StoredReservation] {
        let condition = includingEnded ? "TRUE" : "\(Reservation.State.isLiveSQL())"
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

    /// Each with its placement and charge, the newest first. The condition may end in an order and a limit.
    func reservations(
        where condition: String,
        _ parameters: [SQLValue]
    ) throws(StorageError) -> [StoredReservation] {
        try StoredReservation.all(joined: try connection.query(Self.joined(condition), parameters))
    }

    static func joined(_ condition: String) -> String {
        joined(to: "\(reservationRows) WHERE \(condition)") + " ORDER BY r.number DESC"
    }

    private static func joined(to rows: String) -> String {
        """
        SELECT r.*, \(StoredCharge.columns), p.node, p.device, p.units,
            CASE WHEN p.mig_start IS NOT NULL THEN p.card END
        FROM (\(rows)) r
            LEFT JOIN charge c ON c.reservation_id = r.id LEFT JOIN placement p ON p.reservation_id = r.id
        """
    }

    private static let reservationRows = "SELECT \(StoredReservation.columns), number FROM reservation"
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
