// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import HTTPClient
package import JupyterHub
package import Logging
package import MeasuredUse
package import SpawnModel
import Synchronization

/// When servers with an idle limit were last used, as this replica knows it.
///
/// Nothing of it is written down: after a restart what a GPU did before is not known, and its session has its whole limit
/// again.
package final class LastUses: Sendable {
    /// What the configuration in force and the sessions' terms say.
    package struct Parts: Sendable {
        /// What is in the terms of every session with an idle limit.
        package let mark: String
        package let limit: @Sendable (Reservation) -> IdleLimit?
        /// Nil for a hub that cannot be asked.
        package let hub: @Sendable (_ deployment: String) -> HubAddress?
        package let now: @Sendable () -> Instant

        package init(
            mark: String, limit: @escaping @Sendable (Reservation) -> IdleLimit?,
            hub: @escaping @Sendable (String) -> HubAddress?, now: @escaping @Sendable () -> Instant
        ) {
            (self.mark, self.limit, self.hub, self.now) = (mark, limit, hub, now)
        }
    }

    /// One that may end for being unused.
    struct Session: Sendable {
        let reservation: Reservation
        let limit: IdleLimit
    }

    let ledger: Ledger
    let board: UseBoard
    let parts: Parts
    let log: Logger
    let hubs: HubActivities
    let metrics = LastUseMetrics()
    let state = Mutex(State())

    struct State: Sendable {
        var sessions: [Session] = []
        var rests: [String: GPURest] = [:]
        /// As their sidecars call them.
        var pods: [String: PodName] = [:]
        /// Those of which it was said that they do not end for want of a measurement.
        var told: Set<String> = []
    }

    /// From one look to the next.
    static let every = Duration.seconds(3)
    /// Beyond it the newest are not looked at, and do not end.
    static let sessionsMost = 5000
    /// What a hub said longer ago is not shown any more.
    static let shownFor = Duration.seconds(300)
    /// How long before an end the hub may have been asked.
    static let freshFor = Duration.seconds(5)

    package init(_ ledger: Ledger, _ board: UseBoard, asking: any WebAsking, _ parts: Parts, _ log: Logger) {
        self.ledger = ledger
        self.board = board
        self.parts = parts
        self.log = log
        hubs = HubActivities(asking: asking, now: parts.now) { deployment, fault in
            let facts: Logger.Metadata = ["deployment": .string(deployment)]
            guard let fault else { return log.notice("the hub tells when servers were used", metadata: facts) }
            log.warning(
                "the hub does not tell when servers were used, so that none of them ends for being unused",
                metadata: facts.merging(["reason": .string("\(fault)")]) { own, _ in own })
        }
    }

    /// What users are told of one; nil where being unused ends nothing.
    package func standing(of reservation: Reservation) -> IdleStanding? {
        parts.limit(reservation).map { limit in
            IdleStanding(limit, lastUse(of: reservation, hub: hub(of: reservation, notOlderThan: Self.shownFor)))
        }
    }

    /// Whether it has been unused for longer than its limit, by what the hub says now.
    package func isOver(_ reservation: Reservation) async -> Bool {
        guard let limit = parts.limit(reservation) else { return false }
        return await !over([Session(reservation: reservation, limit: limit)]).isEmpty
    }

    /// Those that have been unused for longer than their limits, by what their hubs say now.
    package func over() async -> [Reservation] { await over(state.withLock(\.sessions)) }

    /// A sidecar has proven whose pod it is in.
    package func note(_ pod: PodName, of reservation: Reservation) {
        guard reservation.gpu != nil, parts.limit(reservation) != nil else { return }
        state.withLock { state in
            guard state.pods[reservation.id] != nil || state.pods.count < Self.sessionsMost else { return }
            state.pods[reservation.id] = pod
        }
    }

    private func over(_ sessions: [Session]) async -> [Reservation] {
        let candidates = sessions.filter { session in
            lastUse(of: session.reservation, hub: hub(of: session.reservation, notOlderThan: Self.shownFor))
                .isOver(session.limit)
        }
        let asked = parts.now()
        for deployment in Set(candidates.map(\.reservation.server.deployment)) {
            guard let address = parts.hub(deployment) else { continue }
            await hubs.ask(deployment, at: address, notWithin: Self.freshFor)?.value
        }
        let age = parts.now() - asked + Self.freshFor
        return candidates.filter { session in
            lastUse(of: session.reservation, hub: hub(of: session.reservation, notOlderThan: age)).isOver(session.limit)
        }.map(\.reservation)
    }

    private func hub(of reservation: Reservation, notOlderThan age: Duration) -> HubActivity? {
        hubs.latest(of: reservation.server.deployment, notOlderThan: age)
    }

    func lastUse(of reservation: Reservation, hub: HubActivity?) -> LastUse {
        LastUse(of: reservation.server, hub: hub, gpu: gpu(of: reservation))
    }

    private func gpu(of reservation: Reservation) -> LastUse.GPU {
        guard reservation.gpu != nil else { return .none }
        return state.withLock { $0.rests[reservation.id] }.map { .measured($0) } ?? .unmeasured
    }
}
