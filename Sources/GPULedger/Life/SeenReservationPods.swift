// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The pods that the last snapshot shows of each reservation, for those who ask what pods do. Nothing is granted by it,
/// and only the process that looks at the cluster has it.
final class SeenReservationPods: Sendable {
    private let pods = Mutex<[String: [SeenPod]]>([:])

    func take(_ snapshot: ClusterSnapshot) {
        var found: [String: [SeenPod]] = [:]
        for pod in snapshot.pods {
            if let id = pod.reservationID, pod.isAlive { found[id, default: []].append(pod) }
        }
        pods.withLock { $0 = found }
    }

    func pods(of id: String) -> [SeenPod] { pods.withLock { $0[id] ?? [] } }
}

extension Ledger {
    /// Living pods that were last seen under this reservation; empty where none were, or this process sees no cluster.
    package func podsSeen(of id: String) -> [SeenPod] { reservationPods.pods(of: id) }
}
