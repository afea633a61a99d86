// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import PodPatching

/// Which reservations have pods.
enum LivingPods {
    /// Their containers run, or may be started again.
    private static let selector = "status.phase!=Succeeded,status.phase!=Failed"

    /// Those of `candidates` of which a pod in one of the namespaces has not ended. Whole, or an error.
    static func reservations(
        among candidates: Set<String>, in namespaces: [String], _ cluster: Cluster, _ patience: Patience
    ) async throws(UpkeepError) -> Set<String> {
        guard !candidates.isEmpty else { return [] }
        var living: Set<String> = []
        for namespace in namespaces {
            living.formUnion(
                try await patience.call { () throws(KubernetesError) in
                    var found: Set<String> = []
                    try await cluster.list(.pod, in: namespace, fields: selector, metadataOnly: true) { page in
                        if page.isFirst { found = [] }
                        found.formUnion(page.items.compactMap(\.reservationID).filter(candidates.contains))
                    }
                    return found
                })
        }
        return living
    }
}

extension JSON {
    fileprivate var reservationID: String? { self["metadata"]?["annotations"]?[PodKeys.reservationID]?.string }
}
