// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A pod that a reservation has met and that was not known to have ended.
struct KnownPod: Hashable, Sendable {
    let uid: String
    let reservationID: String
    let node: String?
    /// Nil until the node object was seen with the pod on it.
    let nodeUID: String?
    /// It was started under a former start of the server, on the same devices.
    let isInherited: Bool
}

/// What a snapshot says of one pod of a reservation.
enum PodFate: Hashable, Sendable {
    case alive(SeenPod)
    /// Its node does not answer: whether it runs nobody knows, even where its object is gone.
    case unreachable(node: String)
    /// The snapshot cannot tell.
    case unknown
    case ended(PodEnd)
}

/// What proves that a pod holds no device any more.
enum PodEnd: Hashable, Sendable {
    case absent
    case succeeded
    /// The reason is the kubelet's or the controller's; empty where none is given.
    case failed(reason: String, node: String?)
    case nodeGone(String)
    case nodeReplaced(String)

    var words: String {
        switch self {
        case .absent: "pod absent from a complete snapshot"
        case .succeeded: "pod succeeded"
        case .failed(let reason, _): reason.isEmpty ? "pod failed" : "pod failed: \(reason)"
        case .nodeGone(let node): "node \(node) is gone"
        case .nodeReplaced(let node): "node \(node) is another one by the same name"
        }
    }

    /// By this the kubelet says that it could not give the devices.
    static let refusedByKubelet = "UnexpectedAdmissionError"
}

extension PodFate {
    /// A node's object that is gone or new is proof whatever the pod's object says; a node that does not answer makes
    /// every other sign worthless, since the API server drops a force-deleted pod whose processes may still run.
    init(of known: KnownPod, in index: ClusterIndex) {
        let seen = index.pod(known.uid)
        let ended = { (end: PodEnd) -> PodFate in index.provesAbsence ? .ended(end) : .unknown }
        if let name = known.node ?? seen?.node {
            let node = index.node(name)
            if let before = known.nodeUID {
                guard let node else {
                    self = ended(.nodeGone(name))
                    return
                }
                guard node.uid == before else {
                    self = ended(.nodeReplaced(name))
                    return
                }
            }
            if node?.isReady == false {
                self = .unreachable(node: name)
                return
            }
        }
        guard let seen else {
            self = ended(.absent)
            return
        }
        switch seen.phase {
        case .pending, .running: self = .alive(seen)
        case .succeeded: self = ended(.succeeded)
        case .failed: self = ended(.failed(reason: seen.failureReason ?? "", node: seen.node))
        }
    }
}
