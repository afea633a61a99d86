// SPDX-License-Identifier: Apache-2.0

/// A server's place in the ledger: the terms it started under and the GPU capacity it holds, if any.
package struct Reservation: Sendable, Hashable {
    package let id: String
    package let server: ServerID
    package let start: StartID
    package private(set) var state: State
    /// Grows by one with each change; never falls.
    package private(set) var revision: Int
    /// Nil for a server without a GPU: such a reservation keeps the terms and holds no capacity.
    package let gpu: GPURequest?
    /// Where its pod is, as far as that was seen; else where the ledger expects it. Empty without a GPU.
    package private(set) var placement: [Placement]
    /// The grant as the ledger was given it, opaque to the ledger: later calls of the same start use these terms.
    package let terms: String
    package let createdAt: Instant
    /// When a reservation that no pod has used lapses by itself.
    package let heldUntil: Instant
    /// When the walltime will have passed, counted from when the notebook runs, or from the bind where no cluster shows
    /// that; nil before and without a walltime.
    package private(set) var endsBy: Instant?
    /// What it counts for against quotas; nil without a GPU.
    package var charge: Charge?

    package init(
        id: String, server: ServerID, start: StartID, state: State, revision: Int, gpu: GPURequest?,
        placement: [Placement], terms: String, createdAt: Instant, heldUntil: Instant, endsBy: Instant?
    ) {
        self.id = id
        self.server = server
        self.start = start
        self.state = state
        self.revision = revision
        self.gpu = gpu
        self.placement = placement
        self.terms = terms
        self.createdAt = createdAt
        self.heldUntil = heldUntil
        self.endsBy = endsBy
    }

    /// Its next revision.
    package func revised(to state: State, endsBy: Instant?) -> Reservation {
        var next = self
        (next.state, next.revision, next.endsBy) = (state, revision + 1, endsBy)
        return next
    }

    package func placed(_ placement: [Placement]) -> Reservation {
        var moved = self
        moved.placement = placement
        return moved
    }

    package enum State: String, Sendable, CaseIterable {
        /// Granted; no pod seen.
        case held
        /// The hub has the patched pod or runs the server itself, or the pod has been seen and its notebook not yet.
        case bound
        /// The notebook's container was seen running; its walltime counts.
        case running
        /// The walltime is over, and the pod still there.
        case overdue
        /// The pod is being deleted, or the hub says that it has stopped, and it has not gone yet.
        case releasing
        /// Its node does not answer: the GPU may be in use or not.
        case lost
        /// Ended by the hub's stop, by a later start of the same server, or seen to be over.
        case released
        /// Never used within its hold time.
        case expired
        /// Stopped before any pod of it was seen, or its device has gone before.
        case cancelled
        /// Its pod failed before the notebook ran.
        case failed

        package var holdsCapacity: Bool {
            switch self {
            case .held, .bound, .running, .overdue, .releasing, .lost: true
            case .released, .expired, .cancelled, .failed: false
            }
        }

        /// Whether a server runs, or is being started, under it as a matter of course.
        package var isInUse: Bool {
            switch self {
            case .bound, .running, .overdue: true
            case .held, .releasing, .lost, .released, .expired, .cancelled, .failed: false
            }
        }
    }

    /// A part of the reservation on one device.
    package struct Placement: Sendable, Hashable {
        package let node: String
        /// The card's UUID, or the MIG instance's id; of one that is made on demand, card, profile and start:
        /// `GPU-…/3g.40gb@4`.
        package let device: String
        /// Units of the pool's resource on this device.
        package let units: Int
        /// The card's UUID where `device` is to be made on it; nil where it is there already.
        package let onDemandCard: String?

        package init(node: String, device: String, units: Int, onDemandCard: String? = nil) {
            self.node = node
            self.device = device
            self.units = units
            self.onDemandCard = onDemandCard
        }
    }
}
