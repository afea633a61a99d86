// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import PodPatching

/// A pod of a server that has to end.
struct PodToEnd: Sendable {
    let reservationID: String
    let name: ObjectName
    let uid: String
}

extension Cluster {
    /// Those that were patched for one of the reservations and are not being deleted.
    func pods(of reservations: Set<String>, in namespace: String) async throws(KubernetesError) -> [PodToEnd] {
        var found: [PodToEnd] = []
        try await list(.pod, in: namespace, metadataOnly: true) { page in
            if page.isFirst { found = [] }
            found += page.items.compactMap { $0["metadata"] }.compactMap {
                PodToEnd($0, in: namespace, of: reservations)
            }
        }
        return found
    }
}

extension PodToEnd {
    fileprivate init?(_ metadata: JSON, in namespace: String, of reservations: Set<String>) {
        guard let id = metadata["annotations"]?[PodKeys.reservationID]?.string, reservations.contains(id),
            metadata["deletionTimestamp"] == nil, let name = metadata["name"]?.string,
            let uid = metadata["uid"]?.string
        else { return nil }
        self.init(reservationID: id, name: ObjectName(.pod, in: namespace, name), uid: uid)
    }
}
