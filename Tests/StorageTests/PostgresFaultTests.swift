// SPDX-License-Identifier: Apache-2.0
import LabPostgres
import Storage
import Synchronization
import Testing

/// What becomes of transactions when the server goes away under them; each on a server of its own.
@Suite(.serialized) struct PostgresFaultTests {
    /// A table `t`, and a writer into it.
    func writer(_ connection: String) throws -> TransactionWriter {
        let made = try PostgresConnection.open(PostgresTerms(connection: connection))
        try made.execute("CREATE TABLE IF NOT EXISTS t (a BIGINT PRIMARY KEY)")
        return TransactionWriter(made, patience: .seconds(30))
    }

    func insert(_ number: Int, _ writer: TransactionWriter) async -> StorageError? {
        await TransactionWriterTests.insert(number, writer)
    }

    /// Notes the numbers that were answered.
    final class Answers: Sendable {
        private let numbers = Mutex<Set<Int>>([])
        func add(_ number: Int) { numbers.withLock { _ = $0.insert(number) } }
        var all: Set<Int> { numbers.withLock { $0 } }
    }

    @Test func `a session that is ended in the middle of a transaction costs no caller anything`() async throws {
        let writer = try writer(PostgresCluster.shared.newDatabase())
        let runs = Counter()
        try await writer.transaction { (connection) throws(StorageError) in
            try connection.execute("INSERT INTO t (a) VALUES (1)")
            runs.add()
            if runs.value == 1 {
                _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            try connection.execute("INSERT INTO t (a) VALUES (2)")
        }
        #expect(runs.value == 2)
    }

    @Test(arguments: [false, true])
    func `a server that is restarted or killed under load loses nothing that was answered`(isKilled: Bool) async throws
    {
        let server = PostgresCluster()
        let database = server.newDatabase()
        let writer = try writer(database)
        let answered = Answers()
        let started = Counter()
        let load = (0..<8).map { client in
            Task {
                for count in 0..<60 {
                    let number = client * 1000 + count
                    if await insert(number, writer) == nil { answered.add(number) }
                    started.add()
                }
            }
        }
        await started.reaches(40)
        if isKilled {
            server.kill()
            server.start()
        } else {
            server.restart()
        }
        for task in load { await task.value }
        let kept = Set(server.sql("SELECT a FROM t", in: "test1").split(separator: "\n").compactMap { Int($0) })
        #expect(answered.all == kept)
        #expect(kept.count == 480)
    }

    @Test func `a commit whose answer was lost is found, and not run again`() async throws {
        let server = PostgresCluster()
        let writer = try writer(server.newDatabase())
        // Commits wait for a standby that does not exist: written, and not answered.
        server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        server.restart()
        let runs = Counter()
        let work = Task {
            try await writer.transaction { (connection) throws(StorageError) in
                runs.add()
                try connection.execute("INSERT INTO t (a) VALUES (1)")
            }
        }
        let waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        try await eventually { !server.sql(waiting).isEmpty }
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        try await work.value
        #expect(runs.value == 1)
        #expect(server.sql("SELECT a FROM t", in: "test1") == "1")
    }

    @Test func `a standby that is promoted is found, and has what was answered`() async throws {
        let primary = PostgresCluster()
        _ = primary.newDatabase()
        let standby = PostgresCluster(following: primary)
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.restart()
        try await eventually { primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync" }
        let writer = try writer("host=\(standby.folder),\(primary.folder) user=berth dbname=test1")
        #expect(await insert(1, writer) == nil)
        primary.kill()
        standby.promote()
        #expect(await insert(2, writer) == nil)
        #expect(await insert(1, writer) != nil)
        #expect(standby.sql("SELECT a FROM t ORDER BY a", in: "test1") == "1\n2")
    }

    @Test func `a server that is away is said in the end, and the writer goes on when it is back`() async throws {
        let server = PostgresCluster()
        let made = try PostgresConnection.open(PostgresTerms(connection: server.newDatabase()))
        try made.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
        let writer = TransactionWriter(made, patience: .milliseconds(200))
        server.kill()
        guard case .unreachable = await insert(1, writer) else {
            Issue.record("answered")
            return
        }
        server.start()
        try await eventually { await insert(2, writer) == nil }
    }

    private func eventually(_ condition: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !(await condition()) {
            try #require(ContinuousClock.now < deadline, "not within 30 s")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
