// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Who comes before whom in the waiting list of one pool: for whom something is kept, then by the hub's priority, then
/// groups below their fair share, then the group's decayed use by weight, then the user's decayed use, then age.
struct WaitingOrder {
    let quotas: Quotas
    /// What the pool has, in milli-cards.
    let capacity: Int
    /// What each group holds of it now, by payer.
    let held: [String?: Int]
    /// Of groups and users, decayed to now.
    let use: [QuotaScope: Int]

    func sorted(_ tickets: [Ticket]) -> [Ticket] {
        let shares = shares(among: tickets)
        let ranks = tickets.map { (ticket: $0, rank: rank($0, shares)) }
        return ranks.sorted { a, b in
            let (use, other) = (a.rank.groupUse, b.rank.groupUse)
            // Use by weight, without a fraction: a / v < b / w where a x w < b x v.
            let (left, right) = (use.value * other.weight, other.value * use.weight)
            if a.rank.before != b.rank.before { return a.rank.before.lexicographicallyPrecedes(b.rank.before) }
            if left != right { return left < right }
            return (a.rank.userUse, a.ticket.createdAt, a.ticket.id) < (b.rank.userUse, b.ticket.createdAt, b.ticket.id)
        }.map(\.ticket)
    }

    private struct Rank {
        /// 0 for whom something is kept; the hub's priority, highest first; 1 for a group that has its fair share.
        let before: [Int]
        let groupUse: (value: Int, weight: Int)
        let userUse: Int
    }

    private func rank(_ ticket: Ticket, _ shares: [String: Int]) -> Rank {
        let hasItsShare = held[ticket.payer, default: 0] >= shares[ticket.payer ?? "", default: 0]
        return Rank(
            before: [ticket.claimUntil == nil ? 1 : 0, -ticket.priority, hasItsShare ? 1 : 0],
            groupUse: (use[.group(ticket.payer), default: 0], weight(of: ticket.payer)),
            userUse: use[ticket.server.userScope, default: 0])
    }

    private func weight(of payer: String?) -> Int { payer.flatMap(quotas.group)?.weight ?? 1 }

    private func shares(among tickets: [Ticket]) -> [String: Int] {
        let wanted = tickets.reduce(into: held) { $0[$1.payer, default: 0] += $1.milliCards }
        return FairShare.shares(
            of: capacity,
            among: wanted.map { payer, wanted in
                FairShare.Claim(
                    name: payer ?? "", deserved: min(capacity, quotas.limits(of: .group(payer)).milliCards ?? 0),
                    weight: weight(of: payer), wanted: wanted)
            })
    }
}

extension ServerID {
    var userScope: QuotaScope { .user(deployment: deployment, name: user) }
}
