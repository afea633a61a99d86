// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Glibc

extension SQLiteConnection {
    /// Opens `path`, making an empty file with mode 0600 if there is none, and checks it page by page.
    ///
    /// The directory must exist. A file that is not ours or is damaged is refused as it stands, before anything is
    /// written to it.
    ///
    /// - Parameter lockWait: how long a transaction waits for another process before it gives up as busy.
    package static func open(
        _ path: String,
        lockWait: Duration = .seconds(5)
    ) throws(StorageError) -> SQLiteConnection {
        try createIfMissing(path)
        let connection = try connect(path, lockWait)
        try connection.refuseReadOnlyFile()
        try connection.refuseForeignFile()
        try connection.refuseDamagedFile()
        try connection.makeCommitsDurable()
        try connection.execute("PRAGMA foreign_keys = ON")
        // What a statement may have to undo is noted in memory: written to a file it cost more than the work itself.
        try connection.execute("PRAGMA temp_store = MEMORY")
        try connection.execute("PRAGMA application_id = \(applicationID)")
        return connection
    }

    /// Opens an existing file of ours for questions only; whatever else is open of it goes on.
    package static func openForReading(_ path: String) throws(StorageError) -> SQLiteConnection {
        guard access(path, F_OK) == 0 else {
            throw .cannotOpen(database: path, reason: StorageError.text(ofSystemError: errno))
        }
        let connection = try connect(path, .seconds(5), SQLITE_OPEN_READONLY)
        try connection.refuseForeignFile()
        return connection
    }

    /// "BRTH" in ASCII, at byte 68 of the file; `file` and others can tell by it whose database it is.
    private static let applicationID: Int64 = 0x4252_5448

    /// Made here and not by SQLite for its mode: the ledger names users. SQLite gives its side files the same mode.
    private static func createIfMissing(_ path: String) throws(StorageError) {
        // Never opens an existing file: closing a second descriptor of one would drop this process's SQLite locks.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let reason = errno
        if descriptor >= 0 {
            Glibc.close(descriptor)
            return
        }
        switch reason {
        case EEXIST: return
        case ENOSPC, EDQUOT: throw .diskFull(database: path)
        case EROFS where access(path, F_OK) == 0: throw .readOnly(database: path)
        default: throw .cannotOpen(database: path, reason: StorageError.text(ofSystemError: reason))
        }
    }

    static func connect(
        _ path: String, _ lockWait: Duration, _ mode: Int32 = SQLITE_OPEN_READWRITE
    ) throws(StorageError) -> SQLiteConnection {
        _ = isLean
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, mode | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw isDirectory(path)
                ? .cannotOpen(database: path, reason: "it is a directory") : failure(code, handle, path)
        }
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Int32(lockWait / .milliseconds(1)))
        return SQLiteConnection(adopting: handle, file: path)
    }

    /// SQLite counts what memory it uses, which nobody asks for and which takes a lock at each allocation. Once, before
    /// anything else of it.
    private static let isLean = sqlite3_config_memory_is_not_counted() == SQLITE_OK

    private static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// SQLite opens a file that it may not write for reading only, without a word.
    private func refuseReadOnlyFile() throws(StorageError) {
        if isReadOnly { throw .readOnly(database: name) }
    }

    /// An empty database is anybody's and becomes ours; one with tables must carry our mark.
    func refuseForeignFile() throws(StorageError) {
        let mark = try number(of: "PRAGMA application_id")
        let tables = try number(of: "SELECT count(*) FROM sqlite_schema")
        guard mark == Self.applicationID || (mark == 0 && tables == 0) else { throw .notOurs(database: name) }
    }

    /// Reads every page once, so that damage is known before the first answer is given.
    func refuseDamagedFile() throws(StorageError) {
        let verdict = try query("PRAGMA quick_check(1)").first?.text(0) ?? "no answer"
        guard verdict == "ok" else { throw .corrupt(database: name, detail: verdict) }
    }

    /// A write-ahead log that reaches the disk with each commit. Where the file system cannot have one (it needs
    /// shared memory), the older rollback journal, with its directory entry made durable as well.
    private func makeCommitsDurable() throws(StorageError) {
        let mode = try query("PRAGMA journal_mode = WAL").first?.text(0)
        try execute("PRAGMA synchronous = \(mode == "wal" ? "FULL" : "EXTRA")")
        // Pages, that is 16 MiB of log. Bringing them into the file waits for the disk three times.
        try execute("PRAGMA wal_autocheckpoint = 4000")
    }

    private func number(of sql: String) throws(StorageError) -> Int64 {
        try query(sql).first?.integer(0) ?? 0
    }
}
