// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Where a live reservation is expected, and what its pods show of where it is.
struct Whereabouts: Hashable, Sendable {
    struct Sighting: Hashable, Sendable {
        let podUID: String
        let node: String
    }

    let id: String
    /// Grows with each reservation that is made.
    let number: Int64
    /// The node that it is placed on.
    let expected: String
    /// Nil while no pod of it that may be alive has a node.
    let sighting: Sighting?
    /// Its pod has yet to find a node, and none of it can be where it is expected: that may be told anew.
    let isOpen: Bool
}

extension Whereabouts {
    /// - Parameters:
    ///   - state: as of now.
    ///   - isPlaceUnreachable: the node where it is placed does not answer. A pod may have come and gone there unseen.
    init?(
        _ living: LivingReservation, _ fates: [(KnownPod, PodFate)], in state: Reservation.State,
        isPlaceUnreachable: Bool
    ) {
        guard let expected = living.node, state.holdsCapacity else { return nil }
        let sighting = Sighting(of: fates, expected: expected)
        let waits = state == .held || state == .bound && !isPlaceUnreachable
        self.init(
            id: living.life.id, number: living.number, expected: expected, sighting: sighting,
            isOpen: sighting == nil && waits)
    }

    var isDisplaced: Bool { sighting.map { $0.node != expected } ?? false }
}

extension Whereabouts.Sighting {
    var words: String { "pod \(podUID) on node \(node)" }

    /// Its own pods say where it is, those that are seen alive first; without one, the pod that it has inherited does.
    /// Of several, one where it is expected.
    fileprivate init?(of fates: [(KnownPod, PodFate)], expected: String) {
        let found = fates.compactMap { pod, fate in
            fate.node(of: pod).map { (rank: fate.rank(of: pod), isElsewhere: $0 == expected ? 0 : 1, pod.uid, $0) }
        }
        guard let first = found.min(by: { ($0.rank, $0.isElsewhere, $0.2) < ($1.rank, $1.isElsewhere, $1.2) }) else {
            return nil
        }
        self.init(podUID: first.2, node: first.3)
    }
}

extension PodFate {
    /// Nil where it has none or holds nothing any more. A pod never leaves its node.
    fileprivate func node(of known: KnownPod) -> String? {
        switch self {
        case .alive(let seen): seen.node ?? known.node
        case .unreachable(let node): node
        case .unknown: known.node
        case .ended: nil
        }
    }

    fileprivate func rank(of known: KnownPod) -> Int {
        if known.isInherited { return 2 }
        if case .alive = self { return 0 }
        return 1
    }
}
