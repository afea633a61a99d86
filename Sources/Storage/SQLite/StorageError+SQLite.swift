// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Glibc

extension StorageError {
    /// The error behind a SQLite result code (extended or primary) and the system's `errno` at that moment.
    static func sqlite(_ code: Int32, _ message: String, systemError: Int32, file: String) -> StorageError {
        switch code & 0xff {
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            .cannotOpen(database: file, reason: systemError == 0 ? message : text(ofSystemError: systemError))
        case SQLITE_READONLY: .readOnly(database: file)
        case SQLITE_FULL: .diskFull(database: file)
        case SQLITE_BUSY, SQLITE_LOCKED: .busy(database: file)
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(database: file, detail: message)
        case SQLITE_CONSTRAINT: .constraint(database: file, detail: message)
        case SQLITE_IOERR: inputOutput(code, message, systemError, file)
        default: .other(database: file, code: "\(code)", detail: message)
        }
    }

    /// SQLite reports some full or read-only disks as plain I/O errors, for its shared-memory file for instance.
    private static func inputOutput(_ code: Int32, _ message: String, _ systemError: Int32, _ file: String) -> Self {
        switch systemError {
        case ENOSPC, EDQUOT: .diskFull(database: file)
        case EROFS: .readOnly(database: file)
        case 0: .other(database: file, code: "\(code)", detail: message)
        default: .other(database: file, code: "\(code)", detail: "\(message): \(text(ofSystemError: systemError))")
        }
    }

    /// The system's words for an `errno`, such as "No such file or directory".
    static func text(ofSystemError number: Int32) -> String {
        guard let words = strerror(number) else { return "error \(number)" }
        return String(cString: words)
    }
}
