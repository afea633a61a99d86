// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What a user may be told about one thing they could ask for, as of the last commit.
package struct Availability: Sendable, Hashable {
    package enum LimitedBy: String, Sendable, CaseIterable {
        case capacity
        /// Enough is free in all, but not on one device or one node.
        case fragmentation
        /// What the cluster's GPUs are used for is not known now.
        case staleData = "stale-data"
    }

    package let request: GPURequest
    /// How many such sessions could start now; not the sum of what is free. Never more than `countMax`.
    package let freeNow: Int
    /// How many such sessions the inventory holds when nothing else runs. 0: it can never start.
    package let total: Int
    /// Why none can start now; nil when one can.
    package let limitedBy: LimitedBy?
    /// The largest share, with a limit as high as itself, that fits now; nil for whole cards and MIG instances.
    package let largestShareNow: MiB?
    /// By when one can start at the latest if everybody runs to the end of their walltime, rounded up to 5 minutes; nil
    /// when one can start now, when somebody in the way has no end, and when it can never start.
    package let nextFreeBy: Instant?
    /// Live reservations of the pool on devices that no longer bear them: the device is gone, or has shrunk.
    package let deficit: Int

    package static let countMax = 1000

    package init(
        request: GPURequest,
        freeNow: Int,
        total: Int,
        limitedBy: LimitedBy?,
        largestShareNow: MiB?,
        nextFreeBy: Instant?,
        deficit: Int
    ) {
        self.request = request
        self.freeNow = freeNow
        self.total = total
        self.limitedBy = limitedBy
        self.largestShareNow = largestShareNow
        self.nextFreeBy = nextFreeBy
        self.deficit = deficit
    }
}
