// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Why a file could not be read or written: the system's words.
struct FileFault: Error, Hashable {
    let reason: String

    /// What the last failed call left in `errno`.
    static var last: FileFault { FileFault(reason: String(cString: strerror(errno))) }
}

/// A small file's bytes; one that is larger counts as a fault.
func readFile(_ path: String, bytesMax: Int) throws(FileFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &part, part.count)
        guard count >= 0 else { throw .last }
        guard count > 0 else { return bytes }
        bytes += part[..<count]
        guard bytes.count <= bytesMax else { throw FileFault(reason: "it has more than \(bytesMax) bytes") }
    }
}
