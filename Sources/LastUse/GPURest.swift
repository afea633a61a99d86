// SPDX-License-Identifier: Apache-2.0
package import MeasuredUse
package import SpawnModel

/// For how long a session's GPU has not worked, as far as was seen: what was before the first measurement may have been work.
package struct GPURest: Sendable, Hashable {
    package private(set) var since: Instant
    package private(set) var measuredAt: Instant

    /// What lies between two measurements further apart was not seen; so it is where a clock was set.
    static let gapMost = Duration.seconds(300)

    package init(_ first: Measured<Int>) { (since, measuredAt) = (first.at, first.at) }

    /// - Parameter busy: in percent. An older one than the last is passed over.
    package mutating func take(_ busy: Measured<Int>) {
        guard busy.at > measuredAt else { return }
        if busy.value > 0 || busy.at - measuredAt > Self.gapMost { since = busy.at }
        measuredAt = busy.at
    }
}
