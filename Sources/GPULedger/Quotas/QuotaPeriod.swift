// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// The stretch of time that GPU-hours are counted in; it begins anew at midnight UTC.
package enum QuotaPeriod: String, Sendable, CaseIterable {
    case day
    /// From Monday.
    case week
    /// Of the calendar.
    case month

    /// The first moment of the period that `now` is in.
    package func start(of now: Instant) -> Instant {
        switch self {
        case .day: Instant(day: now.day)
        // 1970-01-01 was a Thursday.
        case .week: Instant(day: now.day - (now.day + 3).remainder(of: 7))
        case .month: Instant(day: now.day - now.dayOfMonth + 1)
        }
    }

    /// The first moment of the next one.
    package func end(of now: Instant) -> Instant {
        switch self {
        case .day: Instant(day: now.day + 1)
        case .week: Instant(day: start(of: now).day + 7)
        // The 32nd day of any month is in the next one.
        case .month: start(of: Instant(day: start(of: now).day + 31))
        }
    }
}

extension Instant {
    /// Whole days since 1970-01-01 in UTC.
    var day: Int64 { (unixMilliseconds - unixMilliseconds.remainder(of: 86_400_000)) / 86_400_000 }

    init(day: Int64) { self.init(unixMilliseconds: day * 86_400_000) }

    /// From 1, as the date is written.
    fileprivate var dayOfMonth: Int64 { Int64(description.dropFirst(8).prefix(2)) ?? 1 }
}

extension Int64 {
    /// Never negative.
    fileprivate func remainder(of divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
