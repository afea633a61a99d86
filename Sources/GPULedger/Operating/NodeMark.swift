// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// A node on which an operator wants nothing new: what runs there goes on, what is free there is not counted.
package struct NodeMark: Sendable, Hashable {
    package let node: String
    package let drainedBy: String
    package let reason: String
    package let drainedAt: Instant

    package init(node: String, drainedBy: String, reason: String, drainedAt: Instant) {
        self.node = node
        self.drainedBy = drainedBy
        self.reason = reason
        self.drainedAt = drainedAt
    }
}
