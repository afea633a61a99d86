// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// On what word a writer may act: the hub's alone, or what a cluster shows; and in whose turn it writes.
struct Standing: Hashable, Sendable {
    /// Nil where there is no cluster: then the hub's word frees.
    var cluster: ClusterTerms?
    /// Since when this process runs: what was seen before is not believed.
    var since = Instant(unixMilliseconds: 0)
    /// Nil where no epoch was taken.
    var epoch: Int64?
}

extension StoredReservation {
    /// Whether a pod's end must be seen before its capacity is free.
    func needsEvidence(_ standing: Standing) -> Bool {
        standing.cluster != nil && reservation.gpu != nil && !isPodless
    }
}
