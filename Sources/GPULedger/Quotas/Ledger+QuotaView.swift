// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What quotas leave to one user, and where they stand in line; as of the last commit.
package struct QuotaView: Sendable, Hashable {
    /// The first quota that is in the way of one more such session; nil where none is.
    package let limitedBy: QuotaShortage?
    /// How many more such sessions quotas allow, at most `Availability.countMax`.
    package let left: Int
    /// Nil where the pool has no waiting list.
    package let queueLength: Int?
    /// From 1; nil where the server does not wait for this pool.
    package let position: Int?
}

extension Ledger {
    /// One answer per request, in their order. Waits for nothing.
    ///
    /// - Parameter server: nil asks for nobody: quotas of hub and pool are looked at then, and no place in line.
    package func quotaViews(
        of requests: [GPURequest], for server: ServerID?, groups: [String], under quotas: Quotas, now: Instant
    ) -> [QuotaView] {
        requests.map { request in
            let (limitedBy, left) = left(of: request, server, groups, quotas, now)
            let terms = quotas.waitingLists[request.pool]
            let tickets = terms.map { terms in
                useInView.tickets(of: request.pool).filter { !$0.isGone(terms, now: now) }
            }
            return QuotaView(
                limitedBy: limitedBy, left: left, queueLength: tickets?.count,
                position: tickets?.firstIndex { $0.server == server }.map { $0 + 1 })
        }
    }

    private func left(
        of request: GPURequest, _ server: ServerID?, _ groups: [String], _ quotas: Quotas, _ now: Instant
    ) -> (QuotaShortage?, Int) {
        guard let server, !quotas.isWithoutLimits, let demand = try? Demand(request, in: catalogue) else {
            return (nil, Availability.countMax)
        }
        let payers = quotas.payers(among: groups, named: nil)
        let common = QuotaGate.commonScopes(of: server, in: request.pool)
        let scopes =
            common + payers.flatMap { payer in [.group(payer)] + quotas.cohort(of: payer).map { .group($0.name) } }
        let start = quotas.period.start(of: now)
        let use = Dictionary(
            scopes.map { ($0, useInView.amounts(in: $0, since: start, now: now)) },
            uniquingKeysWith: { first, _ in first })
        let gate = QuotaGate(quotas, use: use, now: now)
        func verdict(_ count: Int) -> QuotaGate.Verdict {
            gate.verdict(on: demand.price.amounts(of: count), of: server, in: request.pool, payers: payers)
        }
        if case .refused(let shortage) = verdict(1) { return (shortage, 0) }
        // More never fits where less does not.
        var (fits, tooMany) = (1, Availability.countMax + 1)
        while tooMany - fits > 1 {
            let tried = (fits + tooMany) / 2
            if case .admitted = verdict(tried) { fits = tried } else { tooMany = tried }
        }
        return (nil, fits)
    }
}

extension Price {
    fileprivate func amounts(of count: Int) -> QuotaAmounts {
        QuotaAmounts(
            sessions: count, milliCards: count * milliCards, memory: MiB(count * memory.count), milliCardSeconds: 1)
    }
}

extension Quotas {
    fileprivate var isWithoutLimits: Bool {
        user.isEmpty && users.isEmpty && groups.isEmpty && withoutGroup.isEmpty && deployments.isEmpty && pools.isEmpty
    }
}
