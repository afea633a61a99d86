// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What one pod is made for: a server's start with the reservation behind it.
package struct PodContext: Sendable, Hashable {
    package var server: ServerID
    package var reservationID: String
    /// What proves to whoever knows the key that this pod was patched for this reservation; nil where nothing is sealed.
    package var seal: String?
    /// The same of whose it is and what it is given; for a pod with a GPU.
    package var ownerSeal: String?
    /// The profile's slug.
    package var profile: String
    /// Nil for a server without a GPU.
    package var gpu: GPU?
    /// The longest the server may run, counted from the pod's start.
    package var walltime: Duration?
    /// How much more its user may add.
    package var extensionMost: Duration = .zero
    /// The longest it may be unused.
    package var idle: Duration?
    package var tokens: [TokenHandOff]
    /// Nil leaves the ids that the hub chose.
    package var posix: PosixIdentity?
    /// Where the start's own traits say that it may run, in the words of a pod's spec; an empty object for anywhere.
    package var placement: JSON
    /// What the policy's `set` blocks change, in their order.
    package var changes: [PodChange]
    /// Nil leaves the image's own passwd and group files.
    package var overlay: PodOverlay?
    /// What the profile says in place of the configuration.
    package var switches: PodSwitches
    /// What is known of the cluster as the pod is patched.
    package var cluster: ClusterFacts

    package init(
        server: ServerID,
        reservationID: String,
        seal: String? = nil,
        profile: String,
        gpu: GPU? = nil,
        walltime: Duration? = nil,
        extensionMost: Duration = .zero,
        idle: Duration? = nil,
        tokens: [TokenHandOff] = [],
        posix: PosixIdentity? = nil,
        placement: JSON = .emptyObject,
        changes: [PodChange] = [],
        overlay: PodOverlay? = nil,
        switches: PodSwitches = PodSwitches(),
        cluster: ClusterFacts = .unknown
    ) {
        self.server = server
        self.reservationID = reservationID
        self.seal = seal
        self.profile = profile
        self.gpu = gpu
        self.walltime = walltime
        self.extensionMost = extensionMost
        self.idle = idle
        self.tokens = tokens
        self.posix = posix
        self.placement = placement
        self.changes = changes
        self.overlay = overlay
        self.switches = switches
        self.cluster = cluster
    }

    /// The GPU capacity that the reservation holds.
    package struct GPU: Sendable, Hashable {
        package var pool: Pool
        package var amount: GPUAmount
        /// Where the ledger expects it; written as an annotation only, since a pod cannot choose its card.
        package var placement: [Reservation.Placement]

        package init(pool: Pool, amount: GPUAmount, placement: [Reservation.Placement] = []) {
            self.pool = pool
            self.amount = amount
            self.placement = placement
        }
    }
}
