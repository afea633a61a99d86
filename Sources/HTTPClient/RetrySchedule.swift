// SPDX-License-Identifier: Apache-2.0

/// How often and after what pauses a request is sent again.
///
/// The pause doubles with each attempt up to a most, and its second half is random, so that clients which failed
/// together do not come back together.
package struct RetrySchedule: Hashable, Sendable {
    /// The first one included; 1 is no retry.
    package var attemptsMax = 3
    package var firstPause = Duration.milliseconds(100)
    package var pauseMax = Duration.seconds(2)
    /// A peer that asks for a longer wait gets none: its answer is returned.
    package var retryAfterMax = Duration.seconds(10)

    package init() {}

    /// The pause after `attempt` (from 1) has failed; nil when it was the last.
    ///
    /// - Parameters:
    ///   - asked: what Retry-After said; the pause is never shorter.
    ///   - random: from 0 up to 1.
    package func pause(after attempt: Int, asked: Duration? = nil, random: Double) -> Duration? {
        guard attempt < attemptsMax else { return nil }
        if let asked, asked > retryAfterMax { return nil }
        let doublings = min(max(0, attempt - 1), 30)
        let whole = min(firstPause * (1 << doublings), pauseMax)
        return max(whole * (0.5 + random / 2), asked ?? .zero)
    }
}
