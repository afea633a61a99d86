// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Glibc
import LabPostgres
import Storage

/// A directory of its own for one test, removed with it. In memory where the system has such a file system, because
/// the tests commit thousands of times.
final class Scratch: Sendable {
    let path: String
    /// Of its own for this object, in the kind of database that the test runs on.
    let store: LedgerStore

    init() {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/berth-ledger-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no scratch directory: error \(errno)") }
        path = String(cString: made)
        store =
            switch TestStore.current {
            case .sqlite: .file(path + "/ledger.db")
            case .postgres: .postgres(PostgresTerms(connection: PostgresCluster.shared.newDatabase()))
            }
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
