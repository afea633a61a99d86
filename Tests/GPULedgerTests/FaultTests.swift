// SPDX-License-Identifier: Apache-2.0
import Glibc
import SpawnModel
import Storage
import Testing

@testable import GPULedger

@Suite struct FaultTests {
    let scratch = Scratch()
    let inventory = Inventory(
        nodes: [node("a", [card("a0", ["whole"]), card("a1", ["whole"])])],
        pools: [wholePool()]
    )

    /// What opening `path` says is wrong.
    func refusal(_ path: String) -> LedgerError? {
        do throws(LedgerError) {
            _ = try Ledger(path: path, inventory: inventory)
            return nil
        } catch {
            return error
        }
    }

    func write(_ bytes: [UInt8], to path: String, at offset: Int = 0) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        #expect(pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count)
        close(file)
    }

    @Test func `a directory that is missing is named`() {
        let path = scratch.path + "/none/ledger.db"
        #expect(
            refusal(path)
                == .notWritable(
                    reason: "\(path) cannot be opened: No such file or directory. "
                        + "Check that the directory exists and that Berth may write to it."
                )
        )
    }

    @Test func `a path below a file and a directory in the file's place are refused`() {
        write([1], to: scratch.path + "/file")
        #expect("\(refusal(scratch.path + "/file/ledger.db"), default: "-")".contains("Not a directory"))
        #expect("\(refusal(scratch.path), default: "-")".contains("it is a directory"))
    }

    @Test func `the ledger's file can be read by its owner only`() throws {
        _ = try Ledger(path: scratch.ledger, inventory: inventory)
        var facts = stat()
        #expect(stat(scratch.ledger, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
    }

    @Test func `a file that is not a database is refused and left as it was`() async throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
        write(bytes, to: scratch.ledger)
        guard case .corrupt = refusal(scratch.ledger) else {
            Issue.record(Comment(rawValue: "\(refusal(scratch.ledger), default: "opened")"))
            return
        }
        #expect(try contents(scratch.ledger) == bytes)
    }

    @Test func `a damaged page is found when the ledger is opened`() async throws {
        let ledger = try Ledger(path: scratch.ledger, inventory: inventory)
        for user in 0..<40 { _ = try await ledger.hold(request(nil, for: "user-\(user)")) }
        await ledger.close()
        let size = try contents(scratch.ledger).count
        write([UInt8](repeating: 0xa5, count: 4096), to: scratch.ledger, at: size / 4096 / 2 * 4096)
        guard case .corrupt(let reason) = refusal(scratch.ledger) else {
            Issue.record(Comment(rawValue: "\(refusal(scratch.ledger), default: "opened")"))
            return
        }
        #expect(reason.contains("put back a backup"))
    }

    @Test func `another program's database is refused and left as it was`() throws {
        let other = try SQLiteConnection.open(scratch.ledger)
        try other.execute("CREATE TABLE t (a INTEGER)")
        try other.execute("PRAGMA application_id = 77")
        other.close()
        guard case .corrupt(let reason) = refusal(scratch.ledger) else {
            Issue.record("opened")
            return
        }
        #expect(reason.contains("another program"))
    }

    @Test func `a ledger of a newer Berth is refused and left as it was`() throws {
        _ = try Ledger(path: scratch.ledger, inventory: inventory)
        let newer = try SQLiteConnection.open(scratch.ledger)
        try newer.execute("UPDATE schema_version SET version = 99")
        newer.close()
        guard case .corrupt(let reason) = refusal(scratch.ledger) else {
            Issue.record("opened")
            return
        }
        #expect(reason.contains("newer Berth"))
    }

    @Test func `after it was closed the ledger says so`() async throws {
        let ledger = try Ledger(path: scratch.ledger, inventory: inventory)
        await ledger.close()
        await ledger.close()
        await #expect(throws: LedgerError.closed) { try await ledger.check() }
        await #expect(throws: LedgerError.closed) { try await ledger.reserve(request(nil)) }
    }

    @Test func `a thousand denials leave the file as it was`() async throws {
        let ledger = try Ledger(path: scratch.ledger, inventory: inventory)
        _ = try await ledger.hold(request(cards(2), for: "ana"))
        let before = try rows()
        for count in 0..<1000 {
            #expect(try await ledger.reserve(request(cards(1), for: "bo", start: "\(count)")).shortage?.reason == .full)
        }
        #expect(try rows() == before)
    }

    @Test(.enabled(if: SmallDisk.isPermitted, "mounting a file system needs root"))
    func `a full disk is said, loses nothing, and is over when there is space again`() async throws {
        let disk = try #require(SmallDisk(at: scratch.path + "/disk", size: "1m"))
        let ledger = try Ledger(path: disk.path + "/ledger.db", inventory: inventory)
        let held = try #require(try await ledger.hold(request(cards(1), for: "ana")))
        disk.fill()

        var answered = 1
        var failure: LedgerError?
        for user in 0..<1000 where failure == nil {
            do throws(LedgerError) {
                if try await ledger.hold(request(nil, for: "user-\(user)")) != nil { answered += 1 }
            } catch {
                failure = error
            }
        }
        #expect("\(failure, default: "-")".contains("no space left"))
        await #expect(throws: LedgerError.self) { try await ledger.check() }
        #expect(try await ledger.reservations(includingEnded: true).count == answered)
        #expect(ledger.availability(of: cards(1)).freeNow == 1)

        disk.empty()
        try await ledger.check()
        #expect(try await ledger.devices(cards(1), for: "bo") == ["a1"])
        await ledger.close()
        let again = try Ledger(path: disk.path + "/ledger.db", inventory: inventory)
        #expect(try await again.reservations(includingEnded: true).count == answered + 1)
        #expect(try await again.reservation(held.id) == held)
        await again.close()
        withExtendedLifetime(disk) {}
    }

    @Test(.enabled(if: SmallDisk.isPermitted, "mounting a file system needs root"))
    func `a disk that is mounted read-only is said at once`() async throws {
        let disk = try #require(SmallDisk(at: scratch.path + "/disk", size: "1m"))
        let ledger = try Ledger(path: disk.path + "/ledger.db", inventory: inventory)
        await ledger.close()
        disk.makeReadOnly()
        withExtendedLifetime(disk) {
            #expect("\(refusal(disk.path + "/ledger.db"), default: "-")".contains("cannot be written to"))
            #expect("\(refusal(disk.path + "/new.db"), default: "-")".contains("Read-only file system"))
        }
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var facts = stat()
        fstat(file, &facts)
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        #expect(read(file, &bytes, bytes.count) == bytes.count)
        return bytes
    }

    private func rows() throws -> [SQLRow] {
        let connection = try SQLiteConnection.open(scratch.ledger)
        defer { connection.close() }
        return try connection.query(
            """
            SELECT (SELECT count(*) FROM reservation), (SELECT count(*) FROM placement),
                (SELECT count(*) FROM ledger_entry), (SELECT checks FROM ledger_check),
                (SELECT sum(revision) FROM reservation), (SELECT page_count FROM pragma_page_count)
            """
        )
    }
}
