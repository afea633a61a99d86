// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Whether quotas let a session begin, and who pays. It looks at numbers only: they are read before.
///
/// A session must pass its user AND one payer AND its hub AND its pool. What is over a limit already stays so: only what
/// comes anew is held against it.
package struct QuotaGate: Sendable {
    package let quotas: Quotas
    /// By scope, everything that counts now; a scope that is not here has nothing.
    package let use: [QuotaScope: QuotaAmounts]
    package let now: Instant

    package init(_ quotas: Quotas, use: [QuotaScope: QuotaAmounts], now: Instant) {
        self.quotas = quotas
        self.use = use
        self.now = now
    }

    package enum Verdict: Hashable, Sendable {
        case admitted(payer: String?, isBorrowed: Bool)
        case refused(QuotaShortage)
    }

    /// - Parameter payers: in the order in which they are tried; not empty. The first with room of its own pays; where
    ///   none has, the first that may borrow.
    package func verdict(
        on asked: QuotaAmounts, of server: ServerID, in pool: String, payers: [String?]
    ) -> Verdict {
        let scopes = Self.commonScopes(of: server, in: pool)
        if let shortage = scopes.lazy.compactMap({ self.shortage(in: $0, asked) }).first { return .refused(shortage) }
        let shortages = payers.map { shortage(in: .group($0), asked) }
        if let place = shortages.firstIndex(of: nil) { return .admitted(payer: payers[place], isBorrowed: false) }
        if let payer = payers.compactMap({ $0 }).first(where: { mayBorrow(asked, for: $0) }) {
            return .admitted(payer: payer, isBorrowed: true)
        }
        return shortages.compactMap { $0 }.first.map(Verdict.refused) ?? .admitted(payer: nil, isBorrowed: false)
    }

    /// Those that a session counts in whoever pays.
    static func commonScopes(of server: ServerID, in pool: String) -> [QuotaScope] {
        [.user(deployment: server.deployment, name: server.user), .deployment(server.deployment), .pool(pool)]
    }

    /// The first measure in which the scope has no room of its own; nil where it has in all.
    private func shortage(in scope: QuotaScope, _ asked: QuotaAmounts) -> QuotaShortage? {
        let limits = quotas.limits(of: scope)
        let use = use[scope] ?? QuotaAmounts()
        for measure in QuotaMeasure.allCases {
            guard let limit = limits[measure], use[measure] + asked[measure] > limit else { continue }
            return QuotaShortage(
                scope: scope, measure: measure, limit: limit, used: use[measure], asked: asked[measure],
                resetsAt: measure == .gpuHours ? quotas.period.end(of: now) : nil)
        }
        return nil
    }

    private func mayBorrow(_ asked: QuotaAmounts, for payer: String) -> Bool {
        guard let group = quotas.group(payer), group.cohort != nil else { return false }
        let cohort = quotas.cohort(of: payer).map { Cohort.Member($0, use[.group($0.name)] ?? QuotaAmounts()) }
        return QuotaMeasure.allCases.allSatisfy { Cohort(cohort, in: $0).admits(asked[$0], for: group) }
    }
}

/// Which limit is in the way, in numbers.
package struct QuotaShortage: Hashable, Sendable {
    package let scope: QuotaScope
    package let measure: QuotaMeasure
    /// In the measure's unit, as are `used` and `asked`.
    package let limit: Int
    package let used: Int
    package let asked: Int
    /// When the period ends; nil for what is counted while it is held.
    package let resetsAt: Instant?
    /// The user's own servers that hold a GPU, where the limit is the user's.
    package var ownServers: [ServerID] = []

    package init(
        scope: QuotaScope, measure: QuotaMeasure, limit: Int, used: Int, asked: Int, resetsAt: Instant?
    ) {
        self.scope = scope
        self.measure = measure
        self.limit = limit
        self.used = used
        self.asked = asked
        self.resetsAt = resetsAt
    }
}
