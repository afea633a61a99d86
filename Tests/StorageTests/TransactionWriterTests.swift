// SPDX-License-Identifier: Apache-2.0
import Glibc
import Storage
import Synchronization
import Testing

@Suite struct TransactionWriterTests {
    let file = ScratchFile()

    /// Counts the commits that changed something, or the begins.
    final class Commits: Sendable {
        let count = Atomic(0)
    }

    func writer(queueMax: Int = 1024, commits: Commits = Commits()) throws -> TransactionWriter {
        let connection = try SQLiteConnection.open(file.path)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        return TransactionWriter(connection, queueMax: queueMax) { _ in commits.count.add(1, ordering: .relaxed) }
    }

    /// What another connection sees, and so what is committed.
    func committed() throws -> [Int64] {
        let connection = try SQLiteConnection.open(file.path)
        defer { connection.close() }
        return try connection.query("SELECT a FROM t ORDER BY a").map { try $0.integer(0) }
    }

    @discardableResult
    static func insert(_ number: Int, _ writer: TransactionWriter) async -> StorageError? {
        do throws(StorageError) {
            try await writer.transaction { (connection) throws(StorageError) in
                _ = try connection.execute("INSERT INTO t (a) VALUES ($1)", [SQLValue(number)])
            }
            return nil
        } catch {
            return error
        }
    }

    /// Keeps the writer's thread in a transaction while `meanwhile` lets others queue up behind it.
    func occupied<Value: Sendable>(
        _ writer: TransactionWriter,
        _ meanwhile: @escaping @Sendable () async -> [Task<Value, Never>]
    ) async throws -> [Value] {
        let (begun, go) = (Gate(), Gate())
        async let first: Void = writer.transaction { (_) throws(StorageError) in
            begun.open()
            go.block()
        }
        await begun.opened()
        let others = await meanwhile()
        go.open()
        try await first
        var values: [Value] = []
        for other in others { values.append(await other.value) }
        return values
    }

    @Test func `an answer is given only when others can see what was written`() async throws {
        let writer = try writer()
        for number in 1...20 {
            #expect(await Self.insert(number, writer) == nil)
            #expect(try committed().last == Int64(number))
        }
    }

    @Test func `transactions that wait at the same time share one commit`() async throws {
        let commits = Commits()
        let writer = try writer(commits: commits)
        let queued = Counter()
        let failures = try await occupied(writer) {
            let tasks = (1...50).map { number in
                Task {
                    queued.add()
                    return await Self.insert(number, writer)
                }
            }
            await queued.reaches(50)
            return tasks
        }
        #expect(failures.allSatisfy { $0 == nil })
        #expect(try committed().count == 50)
        #expect(commits.count.load(ordering: .relaxed) < 10)
    }

    @Test(arguments: [(groupMax: 128, begun: 1), (groupMax: 3, begun: 2)])
    func `those who come while a transaction runs share its commit, as many as may`(
        _ groupMax: Int, _ begun: Int
    ) async throws {
        let connection = try SQLiteConnection.open(file.path)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        let begins = Commits()
        let writer = TransactionWriter(
            connection, queueMax: 5, groupMax: groupMax, afterBegin: { begins.count.add(1, ordering: .relaxed) })
        let failures = try await occupied(writer) {
            let refused = Counter()
            let tasks = (1...6).map { number in
                Task {
                    let failure = await Self.insert(number, writer)
                    if failure != nil { refused.add() }
                    return failure
                }
            }
            // Where one is refused, all others wait.
            await refused.reaches(1)
            return tasks
        }
        #expect(failures.count { $0 == nil } == 5)
        #expect(begins.count.load(ordering: .relaxed) == begun)
    }

    @Test func `one that fails is undone alone`() async throws {
        let writer = try writer()
        let queued = Counter()
        let failures = try await occupied(writer) {
            let tasks = [1, 2, 2, 3].map { number in
                Task {
                    queued.add()
                    return await Self.insert(number, writer)
                }
            }
            await queued.reaches(4)
            return tasks
        }
        #expect(failures.count { $0 != nil } == 1)
        #expect(try committed() == [1, 2, 3])
    }

    @Test func `a body that throws leaves nothing of what it wrote`() async throws {
        let writer = try writer()
        #expect(await Self.writeAndFail(writer) == .closed(database: "on purpose"))
        #expect(try committed() == [])
    }

    @Test func `one that fails when it has written is undone alone`() async throws {
        let writer = try writer()
        let failures = try await fourTogether(writer, second: Self.writeAndFail)
        #expect(failures == [nil, .closed(database: "on purpose"), nil, nil])
        #expect(try committed() == [1, 3, 4])
    }

    /// What four in one transaction are answered: three insert their numbers.
    private func fourTogether(
        _ writer: TransactionWriter, second: @escaping @Sendable (TransactionWriter) async -> StorageError?
    ) async throws -> [StorageError?] {
        let queued = Counter()
        return try await occupied(writer) {
            let tasks = [1, 2, 3, 4].map { number in
                Task {
                    queued.add()
                    return number == 2 ? await second(writer) : await Self.insert(number, writer)
                }
            }
            await queued.reaches(4)
            return tasks
        }
    }

    static func writeAndFail(_ writer: TransactionWriter) async -> StorageError? {
        do throws(StorageError) {
            try await writer.transaction { (connection) throws(StorageError) in
                try connection.execute("INSERT INTO t (a) VALUES (99)")
                throw .closed(database: "on purpose")
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `one that costs the group its transaction does not take the others with it`() async throws {
        let writer = try writer()
        let failures = try await fourTogether(writer, second: Self.loseTransaction)
        #expect(failures.map { $0 == nil } == [true, false, true, true])
        #expect(try committed() == [1, 3, 4])
    }

    /// As SQLite itself does on a full disk or an I/O error.
    static func loseTransaction(_ writer: TransactionWriter) async -> StorageError? {
        do throws(StorageError) {
            try await writer.transaction { (connection) throws(StorageError) in
                try connection.execute("INSERT INTO t (a) VALUES (99)")
                connection.rollback()
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `more than may wait are refused at once, and those that wait are served`() async throws {
        let writer = try writer(queueMax: 5)
        let failures = try await occupied(writer) {
            let refused = Counter()
            let tasks = (1...12).map { number in
                Task {
                    let failure = await Self.insert(number, writer)
                    if failure != nil { refused.add() }
                    return failure
                }
            }
            await refused.reaches(7)
            return tasks
        }
        #expect(failures.count { $0 == .overloaded(database: file.path, waiting: 5) } == 7)
        #expect(try committed().count == 5)
    }

    @Test func `closing serves those that wait and refuses those that come after`() async throws {
        let writer = try writer()
        #expect(await Self.insert(1, writer) == nil)
        await writer.close()
        #expect(await Self.insert(2, writer) == .closed(database: file.path))
        #expect(try committed() == [1])
    }

    @Test func `a database that another process has locked is busy, and free again afterwards`() async throws {
        let connection = try SQLiteConnection.open(file.path, lockWait: .milliseconds(10))
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        let writer = TransactionWriter(connection)
        let other = try SQLiteConnection.open(file.path)
        try other.begin()
        #expect(await Self.insert(1, writer) == .busy(database: file.path))
        other.rollback()
        #expect(await Self.insert(1, writer) == nil)
    }

    @Test func `a database that may not grow is full, keeps what it has, and goes on when it may`() async throws {
        let connection = try SQLiteConnection.open(file.path)
        try connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT")
        let writer = TransactionWriter(connection)
        try await writer.limitPages(to: 10)
        var kept = 0
        while await Self.insertLong(kept, writer) == nil { kept += 1 }
        #expect(await Self.insertLong(kept, writer) == .diskFull(database: file.path))
        #expect(try committed().count == kept)
        try await writer.limitPages(to: 1000)
        #expect(await Self.insertLong(kept, writer) == nil)
        #expect(try committed().count == kept + 1)
    }

    static func insertLong(_ number: Int, _ writer: TransactionWriter) async -> StorageError? {
        do throws(StorageError) {
            try await writer.transaction { (connection) throws(StorageError) in
                _ = try connection.execute(
                    "INSERT INTO t (a, b) VALUES ($1, $2)",
                    [SQLValue(number), SQLValue(String(repeating: "x", count: 3000))]
                )
            }
            return nil
        } catch {
            return error
        }
    }
}

extension TransactionWriter {
    fileprivate func limitPages(to count: Int) async throws {
        try await transaction { (connection) throws(StorageError) in
            _ = try connection.query("PRAGMA max_page_count = \(count)")
        }
    }
}
