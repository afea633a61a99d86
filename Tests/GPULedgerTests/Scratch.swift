// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A directory of its own for one test, removed with it. In memory where the system has such a file system, because
/// the tests commit thousands of times.
final class Scratch: Sendable {
    let path: String

    init() {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/berth-ledger-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no scratch directory: error \(errno)") }
        path = String(cString: made)
    }

    deinit { Self.remove(path) }

    var ledger: String { path + "/ledger.db" }

    /// Whole directories too.
    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(directory)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
