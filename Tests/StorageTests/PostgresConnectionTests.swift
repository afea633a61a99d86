// SPDX-License-Identifier: Apache-2.0
import LabPostgres
import Storage
import Testing

@Suite struct PostgresConnectionTests {
    let terms = PostgresTerms(connection: PostgresCluster.shared.newDatabase())

    func open() throws -> PostgresConnection { try PostgresConnection.open(terms) }

    @Test func `every kind of value comes back as it was`() throws {
        let connection = try open()
        for value: SQLValue in [
            .integer(.min), .integer(.max), .text(""), .text("a'b \u{1F6A2}"), .bytes([]), .bytes([0, 255]),
        ] {
            #expect(try connection.query("SELECT $1", [value]).first?.values == [value])
        }
        #expect(try connection.query("SELECT $1::bigint", [.null]).first?.values == [.null])
        #expect(try connection.query("SELECT sum(a) FROM (VALUES (1::bigint), (2)) v (a)").first?.integer(0) == 3)
    }

    @Test func `parameters go by their number, in any order and more than once`() throws {
        let row = try open().query("SELECT $2, $1, $2", [SQLValue(1), SQLValue("two")]).first
        #expect(row?.values == [.text("two"), .integer(1), .text("two")])
    }

    @Test func `text with a zero byte is refused and not cut`() throws {
        #expect(throws: StorageError.self) { try open().query("SELECT $1", [.text("a\0b")]) }
    }

    @Test func `more different statements than are kept prepared still work`() throws {
        let connection = try open()
        for number in 0..<600 {
            #expect(try connection.query("SELECT \(number)").first?.values == [.integer(Int64(number))])
        }
    }

    @Test func `a broken rule is named without the row, and changes nothing`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
        #expect(try connection.execute("INSERT INTO t (a) VALUES (1), (2), (3)") == 3)
        let error = #expect(throws: StorageError.self) { try connection.execute("INSERT INTO t (a) VALUES (7), (1)") }
        guard case .constraint(_, let detail) = error else {
            Issue.record(Comment(rawValue: "\(error, default: "-")"))
            return
        }
        #expect(detail.contains("t_pkey") && !detail.contains("(1)"))
        #expect(try connection.query("SELECT a FROM t").count == 3)
    }

    @Test func `a transaction keeps all or nothing, and a failed one is no commit`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
        #expect(throws: StorageError.self) {
            try connection.transaction { (connection) throws(StorageError) in
                try connection.execute("INSERT INTO t (a) VALUES (2)")
                // Its error is swallowed, and the transaction is lost all the same.
                _ = try? connection.execute("INSERT INTO t (a) VALUES (2)")
            }
        }
        #expect(!connection.canGoOn)
        #expect(try connection.query("SELECT a FROM t").isEmpty)
    }

    @Test func `a second connection waits for the first one's transaction, then sees it`() throws {
        var hasty = terms
        hasty.lockWait = .milliseconds(50)
        let (first, second) = (try open(), try PostgresConnection.open(hasty))
        try first.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
        try first.begin()
        try first.execute("INSERT INTO t (a) VALUES (1)")
        #expect(throws: StorageError.busy(database: second.name)) { try second.begin() }
        second.rollback()
        try first.commit()
        try second.begin()
        #expect(second.othersHaveWritten)
        #expect(try second.query("SELECT a FROM t").count == 1)
        try second.commit()
        try second.begin()
        #expect(!second.othersHaveWritten)
        second.rollback()
    }

    @Test func `migrations run once, and a newer schema is refused`() throws {
        let first = Schema.Step(sqlite: "no SQL", postgres: "CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1);")
        let second = Schema.Step(both: "UPDATE t SET a = a + 1")
        for _ in 0..<2 { try Schema(component: "x", steps: [first, second]).migrate(try open()) }
        #expect(try open().query("SELECT a FROM t").map(\.values) == [[.integer(2)]])
        let name = try open().name
        #expect(throws: StorageError.newerSchema(database: name, component: "x", found: 2, known: 1)) {
            try Schema(component: "x", steps: [first]).migrate(try open())
        }
    }

    @Test func `the password is read from its file, and a wrong one is not said`() throws {
        let file = ScratchFile()
        PostgresCluster.shared.sql(
            "DROP ROLE IF EXISTS keyed; CREATE ROLE keyed LOGIN SUPERUSER PASSWORD 'open-sesame'")
        let keyed = PostgresTerms(
            connection: terms.connection.replacing("user=berth", with: "user=keyed"), passwordFile: file.path)
        file.write("open-sesame\n")
        #expect(try PostgresConnection.open(keyed).query("SELECT 1").count == 1)
        file.write("shut-barley\n")
        let error = #expect(throws: StorageError.self) { try PostgresConnection.open(keyed) }
        #expect("\(error, default: "-")".contains("password authentication failed"))
        #expect(!"\(error, default: "-")".contains("shut-barley"))
    }

    @Test(arguments: [
        ("host=db dbname=berth", nil), ("postgresql://berth@db/berth?sslmode=verify-full", nil),
        ("host=db", "names no database"), ("dbname", "is no connection string of PostgreSQL"),
        ("dbname=berth nonsense=1", "is no connection string of PostgreSQL"),
        ("dbname=berth password=x", "holds a password, which would be seen by whoever may read the configuration"),
        ("postgresql://berth:x@db/b", "holds a password, which would be seen by whoever may read the configuration"),
    ])
    func `a connection string that cannot be used is said`(text: String, fault: String?) {
        #expect(PostgresTerms.fault(in: text) == fault)
    }
}
