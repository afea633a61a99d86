// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// That what a decision costs does not follow from how much has been, nor from how much is.
@Suite struct PlanTests {
    let scratch = Scratch()
    private let inventory = Inventory(
        nodes: [node("a", [card("a0", ["whole"]), card("a1", ["whole"])])], pools: [wholePool()])

    @Test func `no statement of a decision looks at a whole table that grows, or makes one`() throws {
        let heard = Overheard(try opened())
        let rows = LedgerRows(heard)
        let shared = try shared(rows)
        // A first start, one that takes its place, and what is answered from memory afterwards.
        let views = try CommittedViews(reading: rows)
        _ = try rows.reserve(request(cards(1), start: "1"), in: shared, under: limited)
        let stored = try #require(
            try rows.reserve(request(cards(1), start: "2"), in: shared, under: limited).reservation)
        _ = try rows.bind(stored.id, server: stored.server, isPodless: true, now: noon)
        heard.clear()
        _ = try rows.reserve(request(cards(1), start: "3"), in: shared, under: limited)
        let deciding = heard.statements
        views.follow(rows)
        // To make one costs more than all else that a statement does.
        for sql in deciding { #expect(try heard.tablesMade(by: sql) == [], "\(sql)") }
        let statements = heard.statements
        #expect(statements.count > 15)
        for sql in statements { #expect(try scans(sql, heard) == [], "\(sql)") }
        heard.close()
    }

    @Test func `all that is live is read without a look at what has ended`() throws {
        let connection = try opened()
        let plan = try connection.query("EXPLAIN QUERY PLAN " + LedgerRows.allHolds)
        for step in plan { #expect(try step.text(3).hasPrefix("SEARCH")) }
        #expect(plan.count == 2)
        connection.close()
    }

    /// The tables among those that grow of which the plan has every row read.
    private func scans(_ sql: String, _ connection: Overheard) throws -> [String] {
        let growing = ["reservation", "r", "placement", "p", "charge", "c", "ledger_entry", "fair_use", "quota_use"]
        let steps = try connection.plan(of: sql)
        return steps.filter { step in growing.contains { step == "SCAN \($0)" || step.hasPrefix("SCAN \($0) ") } }
    }

    private var limited: Quotas {
        var quotas = Quotas.none
        quotas.user = QuotaLimits(sessions: 5)
        return quotas
    }

    private func opened() throws -> SQLiteConnection {
        let connection = try SQLiteConnection.open(scratch.ledger)
        try Schema.ledger.migrate(connection)
        return connection
    }

    private func shared(_ rows: LedgerRows) throws -> SharedPicture {
        SharedPicture(try Picture.reading(rows, DeviceCatalogue(inventory)), OutsideUse())
    }
}

/// A connection that remembers what it was told.
private final class Overheard: SQLConnection {
    private let connection: SQLiteConnection
    private(set) var statements: Set<String> = []

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func clear() { statements = [] }

    func plan(of sql: String) throws -> [String] {
        try explained("EXPLAIN QUERY PLAN ", sql).map { try $0.text(3) }
    }

    /// The steps at which SQLite makes a table or sorts, each time that it runs the statement; its triggers' too.
    func tablesMade(by sql: String) throws -> [String] {
        try explained("EXPLAIN ", sql).map { try $0.text(1) }
            .filter { ["OpenEphemeral", "OpenAutoindex", "SorterOpen"].contains($0) }
    }

    /// SQLite plans without values.
    private func explained(_ how: String, _ sql: String) throws -> [SQLRow] {
        let count = (1...20).last { sql.contains("$\($0)") } ?? 0
        return try connection.query(how + sql, [SQLValue](repeating: .null, count: count))
    }

    func execute(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Int {
        statements.insert(sql)
        return try connection.execute(sql, parameters)
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [SQLRow] {
        statements.insert(sql)
        return try connection.query(sql, parameters)
    }

    var name: String { connection.name }
    var dialect: SQLDialect { connection.dialect }
    var othersHaveWritten: Bool { connection.othersHaveWritten }
    var faultToRepeat: StorageError? { connection.faultToRepeat }
    var canGoOn: Bool { connection.canGoOn }
    var changes: Int { connection.changes }
    func run(script: String) throws(StorageError) { try connection.run(script: script) }
    func begin() throws(StorageError) { try connection.begin() }
    func commit() throws(StorageError) { try connection.commit() }
    func rollback() { connection.rollback() }
    func close() { connection.close() }
}
