// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What the ledger is asked to hold for one start of one server.
package struct ReservationRequest: Sendable, Hashable {
    package let server: ServerID
    package let start: StartID
    /// Nil for a server without a GPU.
    package let gpu: GPURequest?
    /// The profile's slug, under which use is booked.
    package let profile: String
    /// Kept with the reservation and given back as it is.
    package let terms: String
    /// The longest the server may run; nil for no limit.
    package internal(set) var walltime: Duration?
    /// How long the reservation waits for its pod.
    package let holdFor: Duration
    package private(set) var now: Instant
    /// The user's groups, of which one pays.
    package var groups: [String] = []
    /// The one of `groups` that is to pay; nil leaves it to the configured order.
    package var payer: String?
    /// Whether it takes a place in the pool's waiting list where it does not fit.
    package var mayWait = true

    package init(
        server: ServerID,
        start: StartID,
        gpu: GPURequest?,
        profile: String = "",
        terms: String,
        walltime: Duration?,
        holdFor: Duration,
        now: Instant
    ) {
        self.server = server
        self.start = start
        self.gpu = gpu
        self.profile = profile
        self.terms = terms
        self.walltime = walltime
        self.holdFor = holdFor
        self.now = now
    }

    func asked(at now: Instant) -> ReservationRequest {
        var request = self
        request.now = now
        return request
    }
}

package enum ReserveOutcome: Sendable, Hashable {
    /// `isRepeat`: this start had asked for the same before, and this is the reservation it got then.
    case held(Reservation, isRepeat: Bool)
    /// Nothing was written, and what the server held before still stands.
    case unavailable(Shortage)
}

/// Why a request does not fit now, in facts that a user's sentence can be made of.
package struct Shortage: Sendable, Hashable {
    package enum Reason: String, Sendable, CaseIterable {
        /// Others have what is asked for.
        case full
        /// Enough is free in all, but not on one device or one node.
        case fragmented
        /// It would not fit even if nobody else had anything.
        case tooLarge = "too-large"
        /// Enough is free, and those who wait come first.
        case waitingListed = "waiting-listed"
        /// A quota does not allow more, of the user, the group that would pay, the hub or the pool: `quota` says which.
        case userQuota = "user-quota"
        case groupQuota = "group-quota"
        case deploymentQuota = "deployment-quota"
        case poolQuota = "pool-quota"
    }

    package let pool: String
    package let reason: Reason
    /// Whole cards or MIG instances of the pool that are free; for shares, devices with room for some share.
    package let freeNow: Int
    /// The largest share, with a limit as high as itself, that fits now; nil for whole cards and MIG instances.
    package let largestShareNow: MiB?
    /// By when it fits at the latest if everybody runs to the end of their walltime, rounded up to 5 minutes; nil when
    /// somebody in the way has no end, and when it is too large. Under a quota of GPU-hours, when they begin anew.
    package let nextFreeBy: Instant?
    /// The quota that is in the way, where one is.
    package var quota: QuotaShortage?
    /// The place that the request has in the pool's waiting list; nil where the pool has none, or it is full.
    package var waiting: WaitingPlace?

    package init(pool: String, reason: Reason, freeNow: Int, largestShareNow: MiB?, nextFreeBy: Instant?) {
        self.pool = pool
        self.reason = reason
        self.freeNow = freeNow
        self.largestShareNow = largestShareNow
        self.nextFreeBy = nextFreeBy
    }
}

package enum ReleaseOutcome: Sendable, Hashable {
    case released(Reservation)
    /// The pod may still be there: the capacity is free once the cluster shows that it has gone.
    case releasing(Reservation)
    /// It had ended before; nothing was changed.
    case alreadyEnded(Reservation)
    case nothingHeld
}
