// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a pod takes that no reservation explains: Dask workers, `kubectl run`, other teams. It counts as it is.
package struct ForeignUse: Sendable, Hashable {
    package enum Reason: String, Sendable, CaseIterable {
        /// It bears no reservation's seal.
        case unsealed
        /// It asks for more, or for something else, than its reservation holds.
        case overAmount = "over-amount"
        /// Sealed for a reservation that the journal does not know.
        case unknownReservation = "unknown-reservation"
        /// It came when its reservation had ended, and there was no room to give it another.
        case reservationEnded = "reservation-ended"
    }

    package let podUID: String
    package let namespace: String
    package let podName: String
    /// Nil while no node has been chosen.
    package let node: String?
    /// Where it counts without a node: the pool whose nodes it selects.
    package let pool: String?
    package let resource: String
    /// In units of the resource.
    package let amount: Int
    package let reason: Reason

    package init(
        podUID: String, namespace: String, podName: String, node: String?, pool: String?, resource: String,
        amount: Int, reason: Reason
    ) {
        self.podUID = podUID
        self.namespace = namespace
        self.podName = podName
        self.node = node
        self.pool = pool
        self.resource = resource
        self.amount = amount
        self.reason = reason
    }
}

extension ForeignUse {
    /// One for each resource that a pool gives; of others nothing is known.
    static func all(of pod: SeenPod, in catalogue: DeviceCatalogue, reason: Reason) -> [ForeignUse] {
        pod.asks.sorted { $0.key < $1.key }.compactMap { resource, amount in
            let pools = catalogue.pools(giving: resource)
            guard amount > 0, let first = pools.first else { return nil }
            let selected = pools.first { $0.isSelected(by: pod.nodeSelector) } ?? first
            return ForeignUse(
                podUID: pod.uid, namespace: pod.namespace, podName: pod.name, node: pod.node,
                pool: pod.node == nil ? selected.name : nil, resource: resource, amount: amount, reason: reason)
        }
    }
}

extension Pool {
    /// Whether a pod with these labels in its selector can only land on the pool's nodes.
    fileprivate func isSelected(by selector: [String: String]) -> Bool {
        guard let own = nodeSelector.object, !own.isEmpty else { return false }
        return own.allSatisfy { selector[$0.key] == $0.value.string }
    }
}
