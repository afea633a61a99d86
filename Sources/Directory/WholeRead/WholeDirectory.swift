// SPDX-License-Identifier: Apache-2.0
import Workers

/// A directory that is read as a whole, over a connection of its own for each read.
package final class WholeDirectory: Sendable {
    private let terms: DirectoryTerms
    private let sync: SyncTerms
    private let servers: ServerOrder
    /// Reads do not wait for look-ups, nor look-ups for reads.
    private let worker: WorkerPool<Void>

    package init(_ terms: DirectoryTerms, _ sync: SyncTerms) {
        self.terms = terms
        self.sync = sync
        servers = ServerOrder(terms.servers)
        worker = WorkerPool(threads: 1, queueMax: 1) {}
    }

    /// Everybody, or an error: never a part.
    package func snapshot() async throws(DirectoryError) -> DirectorySnapshot {
        let (terms, sync, servers) = (terms, sync, servers)
        let deadline = Deadline(in: sync.timeout)
        return try await worker.run(
            within: sync.timeout, late: .late(sync.timeout), full: .overloaded(waiting: 1)
        ) { _ throws(DirectoryError) in
            let connection = try servers.connect(terms, until: deadline)
            var read = WholeRead(connection, terms, sync, until: deadline)
            return try read.snapshot()
        }
    }
}
