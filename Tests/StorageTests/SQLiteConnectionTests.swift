// SPDX-License-Identifier: Apache-2.0
import Storage
import Testing

@Suite struct SQLiteConnectionTests {
    let file = ScratchFile()

    @Test func `commits reach the disk and foreign keys are kept`() throws {
        let connection = try SQLiteConnection.open(file.path)
        let setting = { (name: String) in try connection.query("PRAGMA \(name)").first?.values.first }
        #expect(try setting("journal_mode") == .text("wal"))
        #expect(try setting("synchronous") == .integer(2))
        #expect(try setting("foreign_keys") == .integer(1))
        #expect(try setting("application_id") == .integer(0x4252_5448))
    }

    @Test func `parameters go by their number, in any order and more than once`() throws {
        let connection = try SQLiteConnection.open(file.path)
        let row = try connection.query("SELECT $2, $1, $2, $3", [SQLValue(1), SQLValue("two"), .null]).first
        #expect(row?.values == [.text("two"), .integer(1), .text("two"), .null])
    }

    @Test func `every kind of value comes back as it was`() throws {
        let connection = try SQLiteConnection.open(file.path)
        for value: SQLValue in [
            .null, .integer(.min), .integer(.max), .text(""), .text("a\0b \u{1F6A2}"), .bytes([]), .bytes([0, 255]),
        ] {
            #expect(try connection.query("SELECT $1", [value]).first?.values == [value])
        }
    }

    @Test func `a row read as another kind says that the database is damaged`() throws {
        let connection = try SQLiteConnection.open(file.path)
        let row = try #require(try connection.query("SELECT 'x', 1, NULL").first)
        #expect(throws: StorageError.self) { try row.integer(0) }
        #expect(throws: StorageError.self) { try row.text(1) }
        #expect(try row.textOrNull(2) == nil)
        #expect(try row.integerOrNull(2) == nil)
    }

    @Test func `execute counts the rows it changed, and a broken rule changes none`() throws {
        let connection = try SQLiteConnection.open(file.path)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        #expect(try connection.execute("INSERT INTO t (a) VALUES (1), (2), (3)") == 3)
        #expect(try connection.execute("DELETE FROM t WHERE a > $1", [SQLValue(1)]) == 2)
        #expect(throws: StorageError.constraint(database: file.path, detail: "UNIQUE constraint failed: t.a")) {
            try connection.execute("INSERT INTO t (a) VALUES (2), (1)")
        }
        #expect(try connection.query("SELECT a FROM t").count == 1)
    }

    @Test func `more different statements than are kept prepared still work`() throws {
        let connection = try SQLiteConnection.open(file.path)
        for number in 0..<1000 {
            #expect(try connection.query("SELECT \(number)").first?.values == [.integer(Int64(number))])
        }
    }

    @Test func `a closed connection says so`() throws {
        let connection = try SQLiteConnection.open(file.path)
        connection.close()
        connection.close()
        #expect(throws: StorageError.closed(database: file.path)) { try connection.query("SELECT 1") }
    }

    @Test func `a transaction keeps all or nothing`() throws {
        let connection = try SQLiteConnection.open(file.path)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        try connection.transaction { (connection) throws(StorageError) in
            _ = try connection.execute("INSERT INTO t (a) VALUES (1)")
        }
        #expect(throws: StorageError.self) {
            try connection.transaction { (connection) throws(StorageError) in
                try connection.execute("INSERT INTO t (a) VALUES (2)")
                try connection.execute("INSERT INTO t (a) VALUES (1)")
            }
        }
        #expect(!connection.canGoOn)
        #expect(try connection.query("SELECT a FROM t").count == 1)
    }
}

@Suite struct SchemaTests {
    let file = ScratchFile()
    let first = Schema.Step(both: "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);")

    @Test func `steps run once, in order, and later ones on top`() throws {
        let connection = try SQLiteConnection.open(file.path)
        try Schema(component: "x", steps: [first]).migrate(connection)
        try Schema(component: "x", steps: [first]).migrate(connection)
        try Schema(
            component: "x",
            steps: [first, .init(both: "UPDATE t SET a = a + 1"), .init(both: "UPDATE t SET a = a * 10")]
        )
        .migrate(connection)
        #expect(try connection.query("SELECT a FROM t").map(\.values) == [[.integer(20)]])
    }

    @Test func `a step that fails leaves all as it was`() throws {
        let connection = try SQLiteConnection.open(file.path)
        try Schema(component: "x", steps: [first]).migrate(connection)
        #expect(throws: StorageError.self) {
            try Schema(component: "x", steps: [first, .init(both: "UPDATE t SET a = 7"), .init(both: "no SQL")])
                .migrate(connection)
        }
        #expect(
            try connection.query("SELECT a, (SELECT version FROM schema_version) FROM t").map(\.values)
                == [[.integer(1), .integer(1)]]
        )
    }

    @Test func `parts count their own versions, and a newer one is refused`() throws {
        let connection = try SQLiteConnection.open(file.path)
        try Schema(component: "x", steps: [first, .init(both: "UPDATE t SET a = 2")]).migrate(connection)
        try Schema(component: "y", steps: [.init(both: "CREATE TABLE u (a INTEGER)")]).migrate(connection)
        #expect(throws: StorageError.newerSchema(database: file.path, component: "x", found: 2, known: 1)) {
            try Schema(component: "x", steps: [first]).migrate(connection)
        }
    }
}
