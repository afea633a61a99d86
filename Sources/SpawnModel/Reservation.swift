// SPDX-License-Identifier: Apache-2.0

/// A server's place in the ledger: the terms it started under and the GPU capacity it holds, if any.
package struct Reservation: Sendable, Hashable {
    package let id: String
    package let server: ServerID
    package let start: StartID
    package let state: State
    /// Grows by one with each change; never falls.
    package let revision: Int
    /// Nil for a server without a GPU: such a reservation keeps the terms and holds no capacity.
    package let gpu: GPURequest?
    /// Where the ledger expects the capacity; empty without a GPU.
    package let placement: [Placement]
    /// The grant as the ledger was given it, opaque to the ledger: later calls of the same start use these terms.
    package let terms: String
    package let createdAt: Instant
    /// When a reservation that no pod has used lapses by itself.
    package let heldUntil: Instant
    /// When the walltime will have passed, counted from the bind; nil while held or without a walltime.
    package let endsBy: Instant?
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

    package enum State: String, Sendable, CaseIterable {
        /// Granted; no pod seen.
        case held
        /// The hub has the patched pod, or runs the server itself.
        case bound
        /// Ended by the hub's stop, or replaced by a later start of the same server.
        case released
        /// Never used within its hold time.
        case expired

        package var holdsCapacity: Bool {
            switch self {
            case .held, .bound: true
            case .released, .expired: false
            }
        }
    }

    /// A part of the reservation on one device.
    package struct Placement: Sendable, Hashable {
        package let node: String
        /// The card's UUID, or the MIG instance's id.
        package let device: String
        /// Units of the pool's resource on this device.
        package let units: Int

        package init(node: String, device: String, units: Int) {
            self.node = node
            self.device = device
            self.units = units
        }
    }
}
