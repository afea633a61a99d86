// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Whole days in UTC, the last one excluded. Usage is asked by whole days, so that an answer does not change when
/// intervals become daily sums.
package struct DayRange: Sendable, Hashable {
    /// Days since 1970-01-01.
    package let first: Int64
    package let end: Int64

    /// Nil where the second is not behind the first, or they are more than a hundred years apart.
    package init?(from first: Instant, to end: Instant) {
        self.init(first: first.dayInUTC, end: end.dayInUTC)
    }

    package var count: Int { Int(end - first) }

    init?(first: Int64, end: Int64) {
        guard first < end, end - first <= 36_525 else { return nil }
        self.first = first
        self.end = end
    }
}

extension Instant {
    package static let dayMilliseconds: Int64 = 86_400_000

    /// Days since 1970-01-01.
    package var dayInUTC: Int64 {
        let (quotient, rest) = unixMilliseconds.quotientAndRemainder(dividingBy: Self.dayMilliseconds)
        return rest < 0 ? quotient - 1 : quotient
    }

    package init(dayInUTC day: Int64) { self.init(unixMilliseconds: day * Self.dayMilliseconds) }
}

/// By what usage is summed up.
package enum UsageGrouping: String, Sendable, CaseIterable {
    case user, group, profile, pool, deployment
}

/// What one user, group, profile, pool or deployment has used.
package struct UsageSum: Sendable, Hashable {
    /// Empty for use without a payer group, or without a profile.
    package let name: String
    /// 1000 are one whole card for a second. Rounded down, as the next.
    package let milliCardSeconds: Int64
    package let mibSeconds: Int64

    package init(name: String, milliCardSeconds: Int64, mibSeconds: Int64) {
        self.name = name
        self.milliCardSeconds = milliCardSeconds
        self.mibSeconds = mibSeconds
    }
}
