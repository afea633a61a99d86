// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Whose use is summed.
package enum QuotaScope: Hashable, Sendable {
    /// A user of one hub: another hub's user of the same name may be another person.
    case user(deployment: String, name: String)
    /// All hubs' users together whose sessions this group pays; nil is all sessions that no group pays.
    case group(String?)
    case deployment(String)
    /// Everybody together in one pool.
    case pool(String)
}

/// The limits that the configuration sets. A call is decided under those of the site that was in force when it came.
package struct Quotas: Hashable, Sendable {
    /// No limits and no waiting lists.
    package static let none = Quotas()

    package var period = QuotaPeriod.month
    /// The longest a session may run that lives on quota which other groups have idle.
    package var borrowedWalltime = Duration.seconds(3600)
    /// Of each user who is not in `users`.
    package var user = QuotaLimits()
    /// Of named users, in place of `user` as a whole.
    package var users: [String: QuotaLimits] = [:]
    /// In the order in which they are tried as payers; each name once.
    package var groups: [GroupQuota] = []
    /// Of all together who are in none of `groups`.
    package var withoutGroup = QuotaLimits()
    package var deployments: [String: DeploymentQuota] = [:]
    package var pools: [String: QuotaLimits] = [:]
    /// By pool; a pool without one refuses who does not fit, and remembers nothing.
    package var waitingLists: [String: WaitingListTerms] = [:]

    package init() {}

    package func limits(of scope: QuotaScope) -> QuotaLimits {
        switch scope {
        case .user(_, let name): users[name] ?? user
        case .group(let name?): group(name)?.nominal ?? QuotaLimits()
        case .group(nil): withoutGroup
        case .deployment(let name): deployments[name]?.limits ?? QuotaLimits()
        case .pool(let name): pools[name] ?? QuotaLimits()
        }
    }

    package func group(_ name: String) -> GroupQuota? { groups.first { $0.name == name } }

    /// Who may pay for a user of these groups, in the order in which they are tried; never empty.
    func payers(among groups: [String], named: String?) -> [String?] {
        if let named { return [named] }
        let known = self.groups.map(\.name).filter(groups.contains)
        return known.isEmpty ? [nil] : known
    }

    func cohort(of payer: String?) -> [GroupQuota] {
        guard let cohort = payer.flatMap(group)?.cohort else { return [] }
        return groups.filter { $0.cohort == cohort }
    }
}

package struct GroupQuota: Hashable, Sendable {
    package let name: String
    /// What is the group's own.
    package let nominal: QuotaLimits
    /// Groups of one cohort lend each other what they leave idle; nil neither lends nor borrows.
    package let cohort: String?
    /// The most above `nominal`; nil in a measure: as much as the cohort leaves idle.
    package let borrow: QuotaLimits
    /// The most of `nominal` that others may have; nil in a measure: all of it.
    package let lend: QuotaLimits
    /// Of what nobody has as their own; at least 1.
    package let weight: Int

    package init(
        name: String, nominal: QuotaLimits, cohort: String? = nil, borrow: QuotaLimits = QuotaLimits(),
        lend: QuotaLimits = QuotaLimits(), weight: Int = 1
    ) {
        self.name = name
        self.nominal = nominal
        self.cohort = cohort
        self.borrow = borrow
        self.lend = lend
        self.weight = weight
    }
}

package struct DeploymentQuota: Hashable, Sendable {
    package let limits: QuotaLimits
    /// In waiting lists those of a hub with a higher one stand before all others.
    package let priority: Int

    package init(limits: QuotaLimits, priority: Int = 0) {
        self.limits = limits
        self.priority = priority
    }
}
