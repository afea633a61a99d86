// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import SpawnModel

extension Problem {
    /// No room in the pool or under a quota: what is taken, what would fit, and when to come back.
    init(_ shortage: Shortage, of grant: Grant, at now: Instant, site: Site) {
        let name = site.inventory.pools.first { $0.name == shortage.pool }?.displayName ?? shortage.pool
        self.init(Self.refusal(shortage, name, at: now, site: site))
        waiting = shortage.waiting
        // Often enough that the place is kept.
        if let waiting { retryAfter = max(.seconds(1), waiting.seenWithin / 3) }
    }

    private static func refusal(_ shortage: Shortage, _ name: String, at now: Instant, site: Site) -> Refusal {
        if let quota = shortage.quota { return Refusal(quota, pool: name, at: now, contact: site.contact) }
        return switch shortage.reason {
        case .tooLarge:
            Refusal(
                .gpuPoolImpossible,
                userMessage: "\(name) has no device that is large enough for this, even when none is in use. "
                    + "Choose a smaller size or another profile.",
                detail: "no device of pool `\(shortage.pool)` can ever hold the request")
        case .full, .fragmented, .waitingListed, .userQuota, .groupQuota, .deploymentQuota, .poolQuota:
            Refusal(
                .gpuUnavailable,
                userMessage: [
                    shortage.reason == .waitingListed
                        ? "\(name): others have waited for what is free now."
                        : "\(name): nothing of the size you chose is free now.",
                    largestShare(shortage), nextFree(shortage, now), place(shortage, site),
                ].compactMap { $0 }.joined(separator: " "),
                detail: "pool `\(shortage.pool)` is \(shortage.reason.rawValue): free now \(shortage.freeNow)"
                    + (shortage.largestShareNow.map { ", largest share \($0)" } ?? "")
                    + (shortage.waiting.map { ", ticket \($0.ticket) at \($0.position) of \($0.length)" } ?? ""),
                retryAfter: shortage.nextFreeBy.map { max(.seconds(1), $0 - now) })
        }
    }

    private static func place(_ shortage: Shortage, _ site: Site) -> String? {
        guard site.quotas.waitingLists[shortage.pool] != nil else { return nil }
        return shortage.waiting?.words ?? "The waiting list is full."
    }

    private static func largestShare(_ shortage: Shortage) -> String? {
        guard let largest = shortage.largestShareNow, largest.count >= 1024 else { return nil }
        return "The largest share that fits now is \(largest.count / 1024) GiB."
    }

    private static func nextFree(_ shortage: Shortage, _ now: Instant) -> String {
        guard let next = shortage.nextFreeBy else { return "Choose a smaller profile, or try again later." }
        return "One is free by \(Words.time(next, from: now)) at the latest, often sooner. "
            + "Choose a smaller profile, or try again then."
    }
}
