// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What quotas and rules leave of one offer to one user, in sessions of that offer; nil is no limit.
package struct Allowance: Sendable, Hashable {
    package var isAllowed: Bool
    package var user: Int?
    package var group: Int?
    package var deployment: Int?
    /// When a quota that leaves nothing now leaves something again; nil when nobody knows.
    package var renewsBy: Instant?
    /// Whether the pool has a waiting list.
    package var mayQueue: Bool

    package init(
        isAllowed: Bool = true, user: Int? = nil, group: Int? = nil, deployment: Int? = nil,
        renewsBy: Instant? = nil, mayQueue: Bool = false
    ) {
        self.isAllowed = isAllowed
        self.user = user
        self.group = group
        self.deployment = deployment
        self.renewsBy = renewsBy
        self.mayQueue = mayQueue
    }

    package static let unlimited = Allowance()

    /// The quota that leaves the least; of equals the narrowest.
    var least: (left: Int, limitedBy: Availability.LimitedBy)? {
        let limits: [(Int?, Availability.LimitedBy)] = [
            (user, .userQuota), (group, .groupQuota), (deployment, .deploymentQuota),
        ]
        return limits.compactMap { limit in limit.0.map { (left: max(0, $0), limitedBy: limit.1) } }
            .min { $0.left < $1.left }
    }
}

extension Availability {
    /// The same row, for somebody who has `allowance`.
    func within(_ allowance: Allowance, now: Instant) -> Availability {
        var row = self
        if let least = allowance.least, least.left < freeNow || least.left == 0 {
            row.freeNow = min(freeNow, least.left)
            if row.freeNow == 0 { row.wait(for: allowance, least.limitedBy, now: now) }
        }
        if row.state == .later, allowance.mayQueue { row.state = .queue }
        if !allowance.isAllowed { row.state = .notAllowed }
        return row
    }

    /// Once the quota allows it, and there is room: whichever is later.
    private mutating func wait(for allowance: Allowance, _ limitedBy: LimitedBy, now: Instant) {
        if state == .now { state = .later }
        self.limitedBy = limitedBy
        let hasRoom = confidence == .none && total > 0 ? now : nextFreeBy
        guard let hasRoom, let renews = allowance.renewsBy else {
            nextFreeBy = nil
            confidence = total > 0 ? .unbounded : .none
            return
        }
        nextFreeBy = max(hasRoom, renews).roundedUpToFiveMinutes
        confidence = .byWalltime
    }
}
