// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What is to be done about sessions that have to end. Pure: it takes what is known of them and a clock that nobody sets.
///
/// The hub comes first, since it then knows, saves what there is to save and starts nothing again. A pod that is there
/// after the grace is deleted, whatever the hub says. Kubernetes' own deadline comes after both.
package struct EndPlan: Sendable {
    /// One that has to end.
    package struct Due: Sendable, Hashable {
        package let reservation: Reservation
        package let reason: EndReason

        package init(_ reservation: Reservation, _ reason: EndReason) {
            self.reservation = reservation
            self.reason = reason
        }
    }

    package struct Step: Sendable, Hashable {
        package enum Kind: Sendable, Hashable { case askHub, deletePod }

        package let due: Due
        package let kind: Kind
    }

    /// What was done about one session.
    package struct Record: Sendable, Hashable {
        /// When it was first seen to have to end.
        package let since: ContinuousClock.Instant
        package var askedAt: ContinuousClock.Instant?
        /// The hub does not know the server: nothing is to be waited for.
        package var isUnknownToHub = false

        package init(since: ContinuousClock.Instant) { self.since = since }
    }

    package let steps: [Step]
    /// Of those that still have to end, by the reservation's id; for the next round.
    package let records: [String: Record]

    /// - Parameters:
    ///   - due: sessions that live, each once.
    ///   - records: of the round before.
    ///   - ways: by which servers of a deployment can be ended.
    package init(
        _ due: [Due], records: [String: Record], ways: (String) -> EndWays, limits: EndLimits,
        now: ContinuousClock.Instant
    ) {
        var (steps, next): ([Step], [String: Record]) = ([], [:])
        for one in due {
            var record = records[one.reservation.id] ?? Record(since: now)
            let ways = ways(one.reservation.server.deployment)
            if ways.asksHub, record.askedAt.map({ now >= $0 + limits.askAgainAfter }) ?? true {
                steps.append(Step(due: one, kind: .askHub))
                record.askedAt = now
            }
            let isForgotten = !ways.asksHub || record.isUnknownToHub
            if ways.deletesPods, isForgotten || now >= record.since + ways.grace {
                steps.append(Step(due: one, kind: .deletePod))
            }
            next[one.reservation.id] = record
        }
        (self.steps, self.records) = (steps, next)
    }
}

/// By which ways the servers of a deployment can be ended.
package struct EndWays: Sendable, Hashable {
    package let asksHub: Bool
    package let deletesPods: Bool
    /// How long a hub has, from when the server has to end.
    package let grace: Duration

    package init(asksHub: Bool, deletesPods: Bool, grace: Duration) {
        self.asksHub = asksHub
        self.deletesPods = deletesPods
        self.grace = grace
    }
}
