// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What a user may be told about one thing they could ask for, as of the last commit. Names no person, pod or node.
package struct Availability: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case now
        case later
        /// None is free, and one may wait in line.
        case queue
        case notAllowed = "not-allowed"
        /// What is known of the cluster is too old to say.
        case unknown
    }

    package enum LimitedBy: String, Sendable, CaseIterable {
        case capacity
        /// Enough is free in all, but not on one device or one node.
        case fragmentation
        case userQuota = "user-quota"
        case groupQuota = "group-quota"
        case deploymentQuota = "deployment-quota"
        /// It would fit on what is kept back: a node that is drained or not ready, a device under suspicion.
        case maintenance
        case staleData = "stale-data"
    }

    package enum Confidence: String, Sendable, CaseIterable {
        /// Everybody in the way has an end.
        case byWalltime = "by-walltime"
        /// Somebody in the way has no end.
        case unbounded
        /// There is nothing to expect: one is free now, or there never will be.
        case none
    }

    package let request: GPURequest
    package var state: State
    /// How many such sessions could start now for this user; not the sum of what is free. Never more than `countMax`.
    package var freeNow: Int
    /// How many such sessions the healthy inventory holds when nothing else runs. 0: it can never start.
    package var total: Int
    /// Why none can start now; nil when one can.
    package var limitedBy: LimitedBy?
    /// The largest share, with a limit as high as itself, that fits now; nil for whole cards and MIG instances.
    package var largestShareNow: MiB?
    /// By when one can start at the latest if everybody runs to the end of their walltime, rounded up to 5 minutes; nil
    /// when one can start now, when somebody in the way has no end, and when it can never start.
    package var nextFreeBy: Instant?
    package var confidence: Confidence
    /// What a share is promised and the most it may use; nil for whole cards and MIG instances.
    package var share: Share?
    /// Live reservations of the pool on devices that no longer bear them: the device is gone, or has shrunk.
    package var deficit: Int

    package struct Share: Sendable, Hashable {
        package let guaranteed: MiB
        package let max: MiB
        /// Who shares, now, the device that the next one would get; nil when there is none.
        package let sharers: Int?
    }

    package static let countMax = 1000
}
