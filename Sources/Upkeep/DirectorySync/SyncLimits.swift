// SPDX-License-Identifier: Apache-2.0

/// What a sync may do to a cluster, and how hard it may work.
package struct SyncLimits: Sendable, Hashable {
    /// Percent of the people with objects; where more are gone at once, nothing is deleted until an operator says so.
    package var shrinkPercent = 20
    /// How long an object stays that nobody needs, after a spawn asked for it or it was made: longer than from that
    /// question to the pod in a list, and than the directory's answers are remembered, with clocks apart.
    package var spawnGrace = Duration.seconds(300)
    /// Writes that are under way at once.
    package var writesAtOnce = 16
    /// How long a write is tried again while the API server is away, too busy or failing.
    package var patience = Duration.seconds(60)

    package init() {}
}
