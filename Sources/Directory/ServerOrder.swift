// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Which server is asked first: the one that answered last.
final class ServerOrder: Sendable {
    private struct State {
        var first = 0
        var failure: (error: DirectoryError, until: ContinuousClock.Instant)?
    }

    private let servers: [String]
    private let pause: Duration
    private let state = Mutex(State())

    /// - Parameter pause: after none of them could be reached, nobody tries again for so long; who asks meanwhile hears
    ///   the same at once.
    init(_ servers: [String], pause: Duration = .seconds(1)) {
        self.servers = servers
        self.pause = pause
    }

    /// A connection to the first that can be reached.
    ///
    /// - Throws: the error of the one that was tried last.
    func connect(_ terms: DirectoryTerms, until deadline: Deadline) throws(DirectoryError) -> LDAPConnection {
        let (first, failure) = state.withLock { ($0.first, $0.failure) }
        if let failure, ContinuousClock.now < failure.until { throw failure.error }
        var last = DirectoryError.timedOut(server: servers[first])
        for turn in servers.indices where !deadline.isOver {
            let place = (first + turn) % servers.count
            do throws(DirectoryError) {
                let connection = try LDAPConnection(to: servers[place], terms, until: deadline)
                state.withLock { $0 = State(first: place) }
                return connection
            } catch {
                last = error
            }
        }
        state.withLock { [last] in $0.failure = (last, .now + pause) }
        throw last
    }
}
