// SPDX-License-Identifier: Apache-2.0
import Workers

/// A directory that is read as a whole, over a connection of its own each time.
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
        let (terms, sync) = (terms, sync)
        return try await run { connection, deadline throws(DirectoryError) in
            var read = WholeRead(connection, terms, sync, until: deadline)
            return try read.snapshot()
        }
    }

    /// Whether anything changed since `mark`, or may have, and the mark for the next time. With nil the directory is only
    /// marked, and has changed.
    ///
    /// Not asked where the terms say `changes: none`: nothing is ever known to have changed then.
    package func changes(
        since mark: ChangeMark?
    ) async throws(DirectoryError) -> (mark: ChangeMark, hasChanged: Bool) {
        let (terms, sync) = (terms, sync)
        let look = try await run { connection, deadline throws(DirectoryError) in
            let look = ChangeLook(session: connection, terms: terms, sync: sync, deadline: deadline)
            let (next, hasChanged) = try look.look(since: mark ?? ChangeMark(place: .none))
            return Look(mark: next, hasChanged: hasChanged)
        }
        return (look.mark, look.hasChanged)
    }

    private struct Look {
        let mark: ChangeMark
        let hasChanged: Bool
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable (LDAPConnection, Deadline) throws(DirectoryError) -> Value
    ) async throws(DirectoryError) -> Value {
        let (terms, servers) = (terms, servers)
        let deadline = Deadline(in: sync.timeout)
        return try await worker.run(
            within: sync.timeout, late: .late(sync.timeout), full: .overloaded(waiting: 1)
        ) { _ throws(DirectoryError) in try work(try servers.connect(terms, until: deadline), deadline) }
    }
}
