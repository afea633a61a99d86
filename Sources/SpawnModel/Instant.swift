// SPDX-License-Identifier: Apache-2.0

/// A reading of the wall clock, in whole milliseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let unixMilliseconds: Int64

    package init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }
    package init(unixSeconds: Int64) { self.unixMilliseconds = unixSeconds * 1000 }

    package static func < (a: Instant, b: Instant) -> Bool { a.unixMilliseconds < b.unixMilliseconds }

    /// This instant moved by whole milliseconds; anything finer in `span` is dropped.
    package static func + (instant: Instant, span: Duration) -> Instant {
        Instant(unixMilliseconds: instant.unixMilliseconds + span.wholeMilliseconds)
    }

    package static func - (later: Instant, earlier: Instant) -> Duration {
        .milliseconds(later.unixMilliseconds - earlier.unixMilliseconds)
    }

    /// RFC 3339 in UTC with whole seconds: `2026-11-25T14:20:00Z`.
    package var description: String {
        let seconds = unixMilliseconds.flooredDivided(by: 1000)
        let days = seconds.flooredDivided(by: 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = Instant.civil(fromDays: days)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
            + "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))Z"
    }

    /// The proleptic Gregorian date `days` after 1970-01-01, by counting in 400-year eras that start on 1 March.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Duration {
    package var wholeSeconds: Int64 { components.seconds }
    package var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

extension Int64 {
    fileprivate func flooredDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

private func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
