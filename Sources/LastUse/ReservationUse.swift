// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import MeasuredUse
package import SpawnModel

/// What is measured of a reservation's pod, or else of the devices that it has to itself.
package struct ReservationUse: Sendable {
    package let use: Use
    /// Nil where nothing is known.
    package let source: Source?

    package enum Source: String, Sendable { case pod, devices }

    /// Nothing is measured of what has ended.
    ///
    /// - Parameter pod: what its sidecar has called it, for a process that sees no pods itself.
    package init(_ reservation: Reservation, _ ledger: Ledger, _ board: UseBoard, pod: PodName? = nil, now: Instant) {
        let seen = reservation.state.holdsCapacity ? ledger.podsSeen(of: reservation.id) : []
        var ofPods = seen.map { pod in
            board.use(
                of: PodName(namespace: pod.namespace, name: pod.name), uid: pod.uid,
                since: pod.startedAt ?? reservation.createdAt, now: now)
        }
        if seen.isEmpty, let pod { ofPods = [board.use(of: pod, uid: nil, since: reservation.createdAt, now: now)] }
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
}
