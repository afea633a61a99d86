// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import JSONTree

/// A JSON file named on the command line.
enum JSONFile {
    /// Far above any claims or pod; a mistyped path to something huge should fail, not fill the memory.
    static let bytesMax = 16 << 20

    static func read(_ path: String) throws -> JSON {
        guard let file = fopen(path, "r") else {
            throw ValidationError("\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
            guard bytes.count < bytesMax else { throw ValidationError("\(path) is larger than 16 MiB.") }
        }
        do { return try JSON(parsing: bytes) } catch {
            throw ValidationError("\(path) is not JSON: \(error).")
        }
    }
}
