// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// One limit and how much of it is used.
package struct QuotaStanding: Sendable, Hashable {
    package let scope: QuotaScope
    package let measure: QuotaMeasure
    /// In the measure's unit, as are the others.
    package let limit: Int
    package let used: Int
    /// What a group has above its own, of what others of its cohort leave idle.
    package let borrowed: Int
    /// When what is used counts no more; nil for what is counted while it is held.
    package let resetsAt: Instant?

    /// Below zero where a limit was lowered, where a late pod counts, and where it is borrowed.
    package var remaining: Int { limit - used }
}

extension Ledger {
    /// Every limit that is set: pools, deployments, groups, then users, each in the order of names. A user stands there
    /// who holds or has used something in this period, or has an entry of their own.
    package func quotaStandings(under quotas: Quotas, now: Instant) async throws(LedgerError) -> [QuotaStanding] {
        let use = try await withRows { (rows) throws(StorageError) in
            try rows.useByScope(since: quotas.period.start(of: now), now: now)
        }
        return quotas.scopes(among: use.keys).flatMap { quotas.standings(of: $0, use[$0] ?? QuotaAmounts(), now) }
    }

    /// The same of pools, deployments and groups, as of the last commit. Waits for nothing.
    package func sharedQuotaStandings(under quotas: Quotas, now: Instant) -> [QuotaStanding] {
        let start = quotas.period.start(of: now)
        return quotas.sharedScopes.flatMap {
            quotas.standings(of: $0, useInView.amounts(in: $0, since: start, now: now), now)
        }
    }
}

extension Quotas {
    fileprivate var sharedScopes: [QuotaScope] {
        pools.keys.sorted().map { .pool($0) } + deployments.keys.sorted().map { .deployment($0) }
            + groups.map(\.name).sorted().map { .group($0) } + [.group(nil)]
    }

    fileprivate func scopes(among used: some Collection<QuotaScope>) -> [QuotaScope] {
        var people = used.compactMap { scope in
            if case .user(let deployment, let name) = scope { (name: name, deployment: deployment) } else { nil }
        }
        let known = Set(people.map(\.name))
        people += users.keys.filter { !known.contains($0) }.map { (name: $0, deployment: "") }
        return sharedScopes + people.sorted { $0 < $1 }.map { .user(deployment: $0.deployment, name: $0.name) }
    }

    fileprivate func standings(of scope: QuotaScope, _ use: QuotaAmounts, _ now: Instant) -> [QuotaStanding] {
        let limits = limits(of: scope)
        return QuotaMeasure.allCases.compactMap { measure in
            limits[measure].map { limit in
                QuotaStanding(
                    scope: scope, measure: measure, limit: limit, used: use[measure],
                    borrowed: mayBorrow(scope) ? max(0, use[measure] - limit) : 0,
                    resetsAt: measure == .gpuHours ? period.end(of: now) : nil)
            }
        }
    }

    private func mayBorrow(_ scope: QuotaScope) -> Bool {
        if case .group(let name?) = scope { group(name)?.cohort != nil } else { false }
    }
}
