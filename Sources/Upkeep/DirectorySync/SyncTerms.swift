// SPDX-License-Identifier: Apache-2.0

/// How the directory's people become objects in the cluster.
package struct SyncTerms: Sendable, Hashable {
    /// From the start of one run to the next.
    package var every: Duration
    /// Percent of the people with objects; where more are gone at once, nothing is deleted until an operator says so.
    package var shrinkMax: Int
    /// How long after a spawn asked for an object, or it was made, it stays though nobody needs it: longer than it takes
    /// from that question to the pod, and than the directory's answers are remembered, clocks apart.
    package var spawnGrace: Duration
    /// How often the contents are read too, and not only what stands there.
    package var verifyEvery: Duration

    package init(
        every: Duration = .seconds(300), shrinkMax: Int = 20, spawnGrace: Duration = .seconds(300),
        verifyEvery: Duration = .seconds(3600)
    ) {
        self.every = every
        self.shrinkMax = shrinkMax
        self.spawnGrace = spawnGrace
        self.verifyEvery = verifyEvery
    }
}
