// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// One snapshot, looked up by node name and pod UID, and what it is good for.
struct ClusterIndex: Sendable {
    let snapshot: ClusterSnapshot
    /// Whether what is missing in it is gone: it is complete, and young enough.
    let provesAbsence: Bool
    private let nodes: [String: SeenNode]
    private let pods: [String: SeenPod]

    init(_ snapshot: ClusterSnapshot, now: Instant, terms: ClusterTerms) {
        self.snapshot = snapshot
        provesAbsence = snapshot.isComplete && now - snapshot.observedAt <= terms.staleAfter
        nodes = Dictionary(snapshot.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        pods = Dictionary(snapshot.pods.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func node(_ name: String) -> SeenNode? { nodes[name] }
    func pod(_ uid: String) -> SeenPod? { pods[uid] }
    /// Each once, in the order of the UIDs.
    var eachPod: [SeenPod] { pods.values.sorted { $0.uid < $1.uid } }
}

extension SeenPod {
    /// Whether it has, or may yet get, its devices.
    var isAlive: Bool {
        switch phase {
        case .pending, .running: true
        case .succeeded, .failed: false
        }
    }
}
