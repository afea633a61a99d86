// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Logging
import MeasuredUse
import SpawnModel
import Synchronization

extension LastUses {
    /// Looks again and again, in every replica: each tells the sidecars that ask it.
    package func start() -> Task<Void, Never> {
        Task.detached {
            while !Task.isCancelled {
                await self.look()
                try? await Task.sleep(for: Self.every)
            }
        }
    }

    /// One round. No hub holds it up.
    package func look() async {
        let live: [Reservation]
        do { live = try await ledger.live(withTerms: parts.mark, most: Self.sessionsMost) } catch {
            return log.error("sessions with an idle limit cannot be read", metadata: ["detail": .string("\(error)")])
        }
        let sessions = live.compactMap { one in parts.limit(one).map { Session(reservation: one, limit: $0) } }
        keepOnly(sessions)
        for session in sessions { measure(session.reservation) }
        askHubs(of: sessions)
        report(sessions)
    }

    private func keepOnly(_ sessions: [Session]) {
        let ids = Set(sessions.map(\.reservation.id))
        state.withLock { state in
            state.sessions = sessions
            state.rests = state.rests.filter { ids.contains($0.key) }
            state.pods = state.pods.filter { ids.contains($0.key) }
            state.told.formIntersection(ids)
        }
        hubs.keepOnly(Set(sessions.map(\.reservation.server.deployment)))
    }

    private func measure(_ reservation: Reservation) {
        guard reservation.gpu != nil else { return }
        let pod = state.withLock { $0.pods[reservation.id] }
        let busy = ReservationUse(reservation, ledger, board, pod: pod, now: parts.now()).use.busy
        state.withLock { state in
            // What is stale tells nothing: what comes after it begins anew.
            guard let busy else {
                state.rests[reservation.id] = nil
                return
            }
            state.rests[reservation.id, default: GPURest(busy)].take(busy)
        }
    }

    private func askHubs(of sessions: [Session]) {
        for (deployment, sessions) in Dictionary(grouping: sessions, by: \.reservation.server.deployment) {
            guard let address = parts.hub(deployment), let pause = sessions.map(\.limit.askEvery).min() else {
                continue
            }
            hubs.ask(deployment, at: address, notWithin: pause)
        }
    }

    private func report(_ sessions: [Session]) {
        var gaps: [LastUse.Gap: Int] = [:]
        for session in sessions {
            let reservation = session.reservation
            let hub = hubs.latest(of: reservation.server.deployment, notOlderThan: Self.shownFor)
            guard case .unknown(let gap) = lastUse(of: reservation, hub: hub) else { continue }
            gaps[gap, default: 0] += 1
            if gap == .gpuUnmeasured, LastUse(of: reservation.server, hub: hub, gpu: .none).isOver(session.limit) {
                tellOfUnmeasured(reservation)
            }
        }
        metrics.note(gaps, of: sessions.count)
    }

    /// Once, when it would have ended.
    private func tellOfUnmeasured(_ reservation: Reservation) {
        guard state.withLock({ $0.told.insert(reservation.id).inserted }) else { return }
        log.warning(
            "an unused server does not end, since nobody measures what its GPU does",
            metadata: [
                "reservation_id": .string(reservation.id), "deployment": .string(reservation.server.deployment),
                "user": .string(reservation.server.user), "server": .string(reservation.server.name),
            ])
    }
}
