// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    func insert(
        _ charge: Charge, of request: ReservationRequest, in pool: String, id: String
    ) throws(StorageError) -> StoredCharge {
        let account = try number(of: request.account(pool: pool, payer: charge.payer))
        try connection.execute(
            """
            INSERT INTO charge (reservation_id, deployment, user_name, payer, pool, milli_cards, memory_mib,
                borrowed_walltime_ms, asked_walltime_ms, account_id, is_live)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
            """,
            [
                SQLValue(id), SQLValue(request.server.deployment), SQLValue(request.server.user),
                SQLValue(charge.payer ?? ""), SQLValue(pool), SQLValue(charge.milliCards),
                SQLValue(charge.memory.count), SQLValue(charge.borrowed?.walltime.wholeMilliseconds),
                SQLValue(charge.borrowed.map { $0.asked?.wholeMilliseconds ?? 0 }), SQLValue(account),
            ])
        return StoredCharge(
            deployment: request.server.deployment, user: request.server.user, pool: pool, charge: charge, isLive: true,
            runningFrom: nil, account: account, beganElapsed: nil)
    }

    struct StoredCharge {
        let deployment: String
        let user: String
        let pool: String
        let charge: Charge
        /// It holds what it was granted.
        let isLive: Bool
        /// When its use began; it stays when it has ended.
        let runningFrom: Instant?
        /// Nil for what was granted before there was usage.
        let account: Int64?
        /// By the accounts' clock, while it is in use.
        let beganElapsed: Int64?
    }

    /// What counts now.
    func liveCharges() throws(StorageError) -> [(id: String, charge: StoredCharge)] {
        let rows = try connection.query("SELECT \(StoredCharge.columns) FROM charge c WHERE is_live = 1", [])
        return try rows.mapRows { (row) throws(StorageError) in (try row.text(0), try StoredCharge(row, from: 0)) }
    }

    /// Everything live that counts in `scope`, and what was used in the period that began at `start`.
    ///
    /// - Parameter formers: reservations that are not held any more if the one in question comes; what they have used stays
    ///   used.
    func use(
        in scope: QuotaScope, since start: Instant, now: Instant, besides formers: [StoredReservation]
    ) throws(StorageError) -> QuotaAmounts {
        let (condition, parameters) = scope.condition(from: 3)
        // What runs counts from when it began, or from the period's start.
        let row = try connection.query(
            """
            SELECT count(*), CAST(coalesce(sum(milli_cards), 0) AS BIGINT),
                CAST(coalesce(sum(memory_mib), 0) AS BIGINT),
                CAST(coalesce(sum(CASE WHEN running_from_unix_ms IS NULL OR running_from_unix_ms >= $2 THEN 0
                    WHEN running_from_unix_ms > $1 THEN milli_cards * (($2 - running_from_unix_ms) / 1000)
                    ELSE milli_cards * (($2 - $1) / 1000) END), 0) AS BIGINT)
            FROM charge WHERE is_live = 1 AND \(condition)
            """,
            [SQLValue(start.unixMilliseconds), SQLValue(now.unixMilliseconds)] + parameters)[0]
        var rest = QuotaAmounts(
            sessions: Int(try row.integer(0)), milliCards: Int(try row.integer(1)),
            memory: MiB(Int(try row.integer(2))),
            milliCardSeconds: Int(try row.integer(3)) + (try booked(in: scope, since: start)))
        for former in formers {
            guard let gone = former.charge, gone.isLive, gone.scopes.contains(scope) else { continue }
            rest = rest.holding(less: gone.charge)
        }
        return rest
    }

    private func booked(in scope: QuotaScope, since start: Instant) throws(StorageError) -> Int {
        let rows = try connection.query(
            """
            SELECT CAST(coalesce(sum(milli_card_seconds), 0) AS BIGINT) FROM quota_use
            WHERE scope = $1 AND deployment = $2 AND name = $3 AND day >= $4
            """,
            scope.key + [SQLValue(start.day)])
        return Int(try rows[0].integer(0))
    }

    /// Milli-card-seconds of ended sessions, by day, for all scopes.
    func hoursByDay() throws(StorageError) -> [QuotaScope: [Int64: Int]] {
        let rows = try connection.query("SELECT scope, deployment, name, day, milli_card_seconds FROM quota_use")
        var hours: [QuotaScope: [Int64: Int]] = [:]
        for row in rows { hours[try QuotaScope(row), default: [:]][try row.integer(3)] = Int(try row.integer(4)) }
        return hours
    }

    func hoursByDay(in scope: QuotaScope) throws(StorageError) -> [Int64: Int] {
        let rows = try connection.query(
            "SELECT day, milli_card_seconds FROM quota_use WHERE scope = $1 AND deployment = $2 AND name = $3",
            scope.key)
        var hours: [Int64: Int] = [:]
        for row in rows { hours[try row.integer(0)] = Int(try row.integer(1)) }
        return hours
    }

    /// The user's servers that hold a GPU, by name; some, since a sentence is made of them.
    func serversWithGPU(of server: ServerID) throws(StorageError) -> [ServerID] {
        let rows = try connection.query(
            """
            SELECT r.server_name FROM charge c JOIN reservation r ON r.id = c.reservation_id
            WHERE c.is_live = 1 AND c.deployment = $1 AND c.user_name = $2 AND r.server_name <> $3
            ORDER BY r.server_name LIMIT 5
            """,
            server.parameters)
        return try rows.mapRows { (row) throws(StorageError) in
            ServerID(deployment: server.deployment, user: server.user, name: try row.text(0))
        }
    }
}

extension LedgerRows.StoredCharge {
    /// Of `charge c`.
    static let columns = """
        c.reservation_id, c.deployment, c.user_name, c.payer, c.pool, c.milli_cards, c.memory_mib,
        c.borrowed_walltime_ms, c.asked_walltime_ms, c.is_live, c.running_from_unix_ms, c.account_id, c.began_elapsed_ms
        """
    static let columnCount = 13

    /// Those that it counts in.
    var scopes: [QuotaScope] { [userScope, payerScope, .deployment(deployment), .pool(pool)] }
    var userScope: QuotaScope { .user(deployment: deployment, name: user) }
    var payerScope: QuotaScope { .group(charge.payer) }

    /// Nil where the reservation has none.
    init?(joined row: SQLRow, from column: Int) throws(StorageError) {
        guard try row.textOrNull(column) != nil else { return nil }
        try self.init(row, from: column)
    }

    fileprivate init(_ row: SQLRow, from column: Int) throws(StorageError) {
        deployment = try row.text(column + 1)
        user = try row.text(column + 2)
        pool = try row.text(column + 4)
        let payer = try row.text(column + 3)
        let asked = try row.integerOrNull(column + 8)
        let borrowed = try row.integerOrNull(column + 7).map { walltime in
            Charge.Borrowed(
                walltime: .milliseconds(walltime), asked: asked.flatMap { $0 == 0 ? nil : .milliseconds($0) })
        }
        charge = Charge(
            payer: payer.isEmpty ? nil : payer, milliCards: Int(try row.integer(column + 5)),
            memory: MiB(Int(try row.integer(column + 6))), borrowed: borrowed)
        isLive = try row.integer(column + 9) == 1
        runningFrom = try row.integerOrNull(column + 10).map(Instant.init(unixMilliseconds:))
        account = try row.integerOrNull(column + 11)
        beganElapsed = try row.integerOrNull(column + 12)
    }
}

extension QuotaScope {
    /// As the tables of use name it: scope, deployment and name.
    var key: [SQLValue] {
        switch self {
        case .user(let deployment, let name): [SQLValue("user"), SQLValue(deployment), SQLValue(name)]
        case .group(let name): [SQLValue("group"), SQLValue(""), SQLValue(name ?? "")]
        case .deployment(let name): [SQLValue("deployment"), SQLValue(name), SQLValue(name)]
        case .pool(let name): [SQLValue("pool"), SQLValue(""), SQLValue(name)]
        }
    }

    /// Of a row that begins with its key.
    init(_ row: SQLRow) throws(StorageError) {
        let (deployment, name) = (try row.text(1), try row.text(2))
        switch try row.text(0) {
        case "user": self = .user(deployment: deployment, name: name)
        case "group": self = .group(name.isEmpty ? nil : name)
        case "deployment": self = .deployment(name)
        case "pool": self = .pool(name)
        case let other: throw .corrupt(database: "the ledger", detail: "\(other) is not a quota's scope")
        }
    }

    /// On `charge`, with parameters from `$first` on.
    func condition(from first: Int) -> (sql: String, parameters: [SQLValue]) {
        switch self {
        case .user(let deployment, let name):
            ("deployment = $\(first) AND user_name = $\(first + 1)", [SQLValue(deployment), SQLValue(name)])
        case .group(let name): ("payer = $\(first)", [SQLValue(name ?? "")])
        case .deployment(let name): ("deployment = $\(first)", [SQLValue(name)])
        case .pool(let name): ("pool = $\(first)", [SQLValue(name)])
        }
    }
}
