// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import SpawnModel

extension Problem {
    /// No room in the pool: what is taken, what would fit, and when to come back.
    init(_ shortage: Shortage, of grant: Grant, at now: Instant, site: Site) {
        let pool = site.inventory.pools.first { $0.name == shortage.pool }
        let name = pool?.displayName ?? shortage.pool
        let refusal =
            switch shortage.reason {
            case .tooLarge:
                Refusal(
                    .gpuPoolImpossible,
                    userMessage: "\(name) has no device that is large enough for this, even when none is in use. "
                        + "Choose a smaller size or another profile.",
                    detail: "no device of pool `\(shortage.pool)` can ever hold the request")
            case .full, .fragmented:
                Refusal(
                    .gpuUnavailable,
                    userMessage: [
                        "\(name): nothing of the size you chose is free now.",
                        Self.largestShare(shortage), Self.nextFree(shortage, now),
                    ].compactMap { $0 }.joined(separator: " "),
                    detail: "pool `\(shortage.pool)` is \(shortage.reason.rawValue): free now \(shortage.freeNow)"
                        + (shortage.largestShareNow.map { ", largest share \($0)" } ?? ""),
                    retryAfter: shortage.nextFreeBy.map { max(.seconds(1), $0 - now) })
            }
        self.init(refusal)
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
