// SPDX-License-Identifier: Apache-2.0

/// The pauses after failures: 1, 2, 4 … 60 s, their second half random, so that sidecars which failed together do not
/// come back together.
package struct Backoff: Hashable, Sendable {
    package private(set) var failures = 0

    /// As long as anybody may have us wait.
    private static let askedMax = Duration.seconds(600)

    package init() {}

    package mutating func reset() { failures = 0 }

    /// - Parameters:
    ///   - asked: what Retry-After said; the pause is never shorter, and up to a quarter longer.
    ///   - random: from 0 up to 1.
    package mutating func pause(asked: Duration?, random: Double) -> Duration {
        let whole = min(Duration.seconds(1 << min(failures, 6)), .seconds(60))
        failures += 1
        let own = whole * (0.5 + random / 2)
        guard let asked else { return own }
        return max(own, min(asked, Backoff.askedMax) * (1 + random / 4))
    }
}
