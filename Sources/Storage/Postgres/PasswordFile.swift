// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file with one password in its first line.
enum PasswordFile {
    static func read(_ path: String, for database: String) throws(StorageError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            let reason = "the password file \(path): \(StorageError.text(ofSystemError: errno))"
            throw .unreachable(database: database, reason: reason)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &bytes, bytes.count)
        let line = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
