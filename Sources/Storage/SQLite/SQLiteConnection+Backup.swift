// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Glibc

extension SQLiteConnection {
    /// Copies the database in `path`, as of one moment, to `copy`, while others read and write it.
    ///
    /// The copy is made beside its place, checked, written to the disk and then renamed, so that `copy` is always a
    /// whole database: the old one or the new.
    ///
    /// - Throws: `StorageError`; what stood at `copy` then still does.
    package static func backUp(_ path: String, to copy: String) throws(StorageError) {
        let unfinished = copy + ".unfinished"
        unlink(unfinished)
        do throws(StorageError) {
            try expectFile(path)
            try write(try connect(path, .seconds(5)), to: unfinished)
            try check(unfinished)
            try flush(unfinished)
            guard rename(unfinished, copy) == 0 else { throw cannotWrite(copy) }
            try flush(folder(of: copy))
        } catch {
            unlink(unfinished)
            throw error
        }
    }

    /// SQLite would make one.
    private static func expectFile(_ path: String) throws(StorageError) {
        guard access(path, R_OK) == 0 else { throw cannotWrite(path) }
    }

    /// `VACUUM INTO` reads in one transaction, which holds no writer up, and takes an empty file for its copy: ours,
    /// for its mode.
    private static func write(_ source: SQLiteConnection, to copy: String) throws(StorageError) {
        defer { source.close() }
        let file = Glibc.open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw cannotWrite(copy) }
        Glibc.close(file)
        try source.refuseForeignFile()
        try source.execute("VACUUM INTO $1", [SQLValue(copy)])
    }

    private static func check(_ copy: String) throws(StorageError) {
        let made = try connect(copy, .seconds(1))
        defer { made.close() }
        try made.refuseForeignFile()
        try made.refuseDamagedFile()
    }

    private static func flush(_ path: String) throws(StorageError) {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw cannotWrite(path) }
        defer { Glibc.close(file) }
        guard fsync(file) == 0 else { throw cannotWrite(path) }
    }

    private static func cannotWrite(_ path: String) -> StorageError {
        let reason = errno
        return [ENOSPC, EDQUOT].contains(reason)
            ? .diskFull(database: path) : .cannotOpen(database: path, reason: StorageError.text(ofSystemError: reason))
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
