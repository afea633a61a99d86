// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import JSONTree
package import MeasuredUse
package import SpawnModel

/// What is measured of a reservation's pod, or else of the devices that it has to itself.
package struct MeasuredReservation {
    private let use: Use
    private let source: Source?

    private enum Source: String { case pod, devices }

    /// Nothing is measured of what has ended.
    package init(_ reservation: Reservation, _ ledger: Ledger, _ board: UseBoard, now: Instant) {
        let pods = reservation.state.holdsCapacity ? ledger.podsSeen(of: reservation.id) : []
        let ofPods = pods.map { pod in
            board.use(
                of: PodName(namespace: pod.namespace, name: pod.name), uid: pod.uid,
                since: pod.startedAt ?? reservation.createdAt, now: now)
        }
        let ofPod = Use.joined(ofPods)
        let ofDevices = Use.joined(
            Self.devices(of: reservation).map { board.use(ofDevice: $0, since: reservation.createdAt, now: now) })
        (use, source) = ofPod.at != nil ? (ofPod, .pod) : ofDevices.at != nil ? (ofDevices, .devices) : (Use(), nil)
    }

    /// Those that nobody else may use. A share's device tells of its neighbours too.
    private static func devices(of reservation: Reservation) -> [String] {
        guard reservation.state.isInUse, let gpu = reservation.gpu else { return [] }
        switch gpu.amount {
        case .cards, .migInstances: return reservation.placement.map(\.device)
        case .share: return []
        }
    }

    /// `measured_percent`, `measured_mib`, `measured_at`, and `measured_by`: `pod` or `devices`; null where unknown or
    /// stale.
    package var json: JSON {
        var json = use.json
        json["measured_by"] = source.map { JSON($0.rawValue) } ?? .null
        return json
    }
}
