// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HubAPI
import Logging
import SpawnModel
import Synchronization

/// Tells the ledger what the cluster shows, the log what that has changed, and puts away what is over by it.
final class LedgerWitness: ClusterWitness {
    private let ledger: Ledger
    private let hub: HubRoutes
    private let log: Logger
    /// Of the last snapshot: each is logged once for as long as it stands.
    private let alarms = Mutex<Set<Observation.Alarm>>([])

    init(_ ledger: Ledger, _ hub: HubRoutes, _ log: Logger) {
        self.ledger = ledger
        self.hub = hub
        self.log = log
    }

    func observe(_ snapshot: ClusterSnapshot, now: Instant) async throws(LedgerError) -> Observation {
        let seen = try await ledger.observe(snapshot, now: now)
        tell(seen)
        Expiry.count(seen.ended)
        await hub.lapsed(seen.ended)
        return seen
    }

    private func tell(_ seen: Observation) {
        if seen.clockJump != .zero {
            log.warning(
                "the wall clock was set",
                metadata: ["by_ms": .stringConvertible(seen.clockJump.wholeMilliseconds)])
        }
        for reservation in seen.changed {
            log.info(
                "reservation changed",
                metadata: [
                    "reservation_id": .string(reservation.id), "state": .string(reservation.state.rawValue),
                    "deployment": .string(reservation.server.deployment), "user": .string(reservation.server.user),
                    "server": .string(reservation.server.name), "pool": .string(reservation.gpu?.pool ?? ""),
                    "node": .string(reservation.placement.first?.node ?? ""),
                ])
        }
        guard seen.isTaken else { return }
        let before = alarms.withLock { old in
            defer { old = seen.alarms }
            return old
        }
        for alarm in seen.alarms.subtracting(before) {
            log.warning("a GPU is not used as it was reserved", metadata: alarm.metadata)
        }
    }
}

extension Observation.Alarm {
    fileprivate var metadata: Logger.Metadata {
        switch self {
        case .late(let pod, let id): Self.metadata("late", pod, id)
        case .overAmount(let pod, let id): Self.metadata("over-amount", pod, id)
        case .unknownReservation(let pod, let id): Self.metadata("unknown-reservation", pod, id)
        case .boundTooLong(let id): ["alarm": "bound-too-long", "reservation_id": .string(id)]
        case .overdue(let id): ["alarm": "overdue", "reservation_id": .string(id)]
        case .unknownResource(let name): ["alarm": "unknown-resource", "resource": .string(name)]
        }
    }

    private static func metadata(_ word: String, _ pod: String, _ id: String) -> Logger.Metadata {
        ["alarm": .string(word), "pod_uid": .string(pod), "reservation_id": .string(id)]
    }
}
