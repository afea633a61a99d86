// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Of all pools, or of one; in no order. Few: a list is bounded.
    func tickets(of pool: String? = nil) throws(StorageError) -> [Ticket] {
        let condition = pool == nil ? "TRUE" : "pool = $1"
        let rows = try connection.query(
            """
            SELECT id, deployment, user_name, server_name, payer, priority, milli_cards, pool, amount, device_count,
                request_mib, limit_mib, walltime_ms, position, created_at_unix_ms, seen_at_unix_ms, claim_until_unix_ms
            FROM ticket WHERE \(condition)
            """,
            pool.map { [SQLValue($0)] } ?? [])
        return try rows.mapRows { (row) throws(StorageError) in try Ticket(row) }
    }

    func insert(_ ticket: Ticket) throws(StorageError) {
        let amount = AmountColumns(ticket.gpu.amount)
        try connection.execute(
            """
            INSERT INTO ticket (id, deployment, user_name, server_name, payer, priority, milli_cards, pool, amount,
                device_count, request_mib, limit_mib, walltime_ms, position, created_at_unix_ms, seen_at_unix_ms)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            [SQLValue(ticket.id)] + ticket.server.parameters + [
                SQLValue(ticket.payer ?? ""), SQLValue(ticket.priority), SQLValue(ticket.milliCards),
                SQLValue(ticket.gpu.pool), SQLValue(amount.kind), SQLValue(amount.count), SQLValue(amount.request),
                SQLValue(amount.limit), SQLValue(ticket.walltime?.wholeMilliseconds), SQLValue(ticket.position),
                SQLValue(ticket.createdAt.unixMilliseconds), SQLValue(ticket.seenAt.unixMilliseconds),
            ])
    }

    /// Its position, when it was seen and until when it is kept for.
    func update(_ ticket: Ticket) throws(StorageError) {
        try connection.execute(
            "UPDATE ticket SET position = $2, seen_at_unix_ms = $3, claim_until_unix_ms = $4 WHERE id = $1",
            [
                SQLValue(ticket.id), SQLValue(ticket.position), SQLValue(ticket.seenAt.unixMilliseconds),
                SQLValue(ticket.claimUntil?.unixMilliseconds),
            ])
    }

    /// Whatever pool it waits for.
    func deleteTicket(of server: ServerID) throws(StorageError) {
        try connection.execute(
            "DELETE FROM ticket WHERE deployment = $1 AND user_name = $2 AND server_name = $3", server.parameters)
    }

    /// What each payer holds of the pool now, in milli-cards.
    func heldByPayer(in pool: String) throws(StorageError) -> [String?: Int] {
        let rows = try connection.query(
            """
            SELECT payer, CAST(sum(milli_cards) AS BIGINT) FROM charge WHERE is_live = 1 AND pool = $1 GROUP BY payer
            """,
            [SQLValue(pool)])
        var held: [String?: Int] = [:]
        for row in rows {
            let payer = try row.text(0)
            held[payer.isEmpty ? nil : payer] = Int(try row.integer(1))
        }
        return held
    }
}

extension Ticket {
    fileprivate init(_ row: SQLRow) throws(StorageError) {
        let payer = try row.text(4)
        id = try row.text(0)
        server = ServerID(deployment: try row.text(1), user: try row.text(2), name: try row.text(3))
        self.payer = payer.isEmpty ? nil : payer
        priority = Int(try row.integer(5))
        milliCards = Int(try row.integer(6))
        gpu = GPURequest(pool: try row.text(7), amount: try StoredReservation.amount(row))
        walltime = try row.integerOrNull(12).map(Duration.milliseconds)
        position = Int(try row.integer(13))
        createdAt = Instant(unixMilliseconds: try row.integer(14))
        seenAt = Instant(unixMilliseconds: try row.integer(15))
        claimUntil = try row.integerOrNull(16).map(Instant.init(unixMilliseconds:))
    }
}
