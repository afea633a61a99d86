// SPDX-License-Identifier: Apache-2.0
import Glibc
import Storage
import Testing

@Suite struct BackupTests {
    let file = ScratchFile()
    let other = ScratchFile()

    @Test func `a backup of a database in use is whole, and replaces the one before`() throws {
        let live = try SQLiteConnection.open(file.path)
        try live.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        for round in 1...3 {
            try live.execute("INSERT INTO t (a) VALUES ($1)", [SQLValue(round)])
            // Not committed, and so not in it.
            try live.begin()
            try live.execute("INSERT INTO t (a) VALUES (99)")
            try SQLiteConnection.backUp(file.path, to: other.path)
            live.rollback()
            let copy = try SQLiteConnection.open(other.path)
            #expect(try copy.query("SELECT a FROM t ORDER BY a").map(\.values) == (1...round).map { [SQLValue($0)] })
            copy.close()
        }
        var facts = stat()
        #expect(stat(other.path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        #expect(access(other.path + ".unfinished", F_OK) != 0)
    }

    @Test func `a backup that cannot be made leaves the one before`() throws {
        other.write("before")
        #expect(throws: StorageError.self) { try SQLiteConnection.backUp(file.path, to: other.path) }
        file.write("no database, but long enough to be read as a file that has a header of sixteen bytes")
        #expect(throws: StorageError.self) { try SQLiteConnection.backUp(file.path, to: other.path) }
        var facts = stat()
        #expect(stat(other.path, &facts) == 0 && facts.st_size == 6)
    }
}
