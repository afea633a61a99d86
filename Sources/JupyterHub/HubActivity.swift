// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// When a hub's running servers were last used, as far as the hub has heard. Those that start or stop are not among them.
package struct HubActivity: Sendable, Hashable {
    /// Before the hub was asked, by Berth's clock.
    package let askedAt: Instant
    /// By Berth's clock, and never after `askedAt`.
    package let lastUse: [ServerID: Instant]

    package init(askedAt: Instant, lastUse: [ServerID: Instant]) {
        self.askedAt = askedAt
        self.lastUse = lastUse
    }
}
