// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Synchronization

/// One decision as operators may look at it again.
package struct NotedDecision: Sendable {
    package let at: Instant
    package let requestID: String
    package let deployment: String
    package let user: String
    package let server: String
    package let start: String
    /// The last part of the route: `pre-spawn`.
    package let question: String
    /// `allowed`, or the problem's.
    package let code: String
    /// Why it was refused; empty otherwise.
    package let detail: String
    /// The log line's further fields.
    package let facts: [String: String]
}

/// The last decisions of this process, for operators. The log has them all.
package final class DecisionMemory: Sendable {
    package static let most = 2000

    private struct Ring {
        var decisions: [NotedDecision] = []
        /// Where the oldest stands once there are `most`.
        var start = 0
    }

    private let ring = Mutex(Ring())

    func note(_ decision: NotedDecision) {
        ring.withLock { ring in
            guard ring.decisions.count == Self.most else { return ring.decisions.append(decision) }
            ring.decisions[ring.start] = decision
            ring.start = (ring.start + 1) % Self.most
        }
    }

    /// The newest first, at most `most`.
    package func newest(_ most: Int, where isWanted: (NotedDecision) -> Bool) -> [NotedDecision] {
        let ring = ring.withLock { $0 }
        let inOrder = ring.decisions[ring.start...] + ring.decisions[..<ring.start]
        return Array(inOrder.reversed().lazy.filter(isWanted).prefix(most))
    }
}
