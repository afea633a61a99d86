// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// A time as a claim has it (RFC 7519 section 2): seconds since 1970, perhaps with a fraction.
struct ClaimedTime {
    /// Nil where the claim is no number, negative, or beyond the year 9999.
    private let instant: Instant?

    /// - Parameter rounding: which whole millisecond a finer time counts as.
    init(_ member: JSONMember, _ rounding: FloatingPointRoundingRule) {
        instant = Self.instant(seconds: member.plainNumber) ?? Self.instant(member.value, rounding)
    }

    func instant(of time: TokenTime) throws(TokenError) -> Instant {
        guard let instant else { throw .timeUnusable(time) }
        return instant
    }

    private static func instant(seconds: Int?) -> Instant? {
        seconds.flatMap { $0 <= secondsMost ? Instant(unixSeconds: Int64($0)) : nil }
    }

    private static func instant(_ value: JSON, _ rounding: FloatingPointRoundingRule) -> Instant? {
        guard let spelling = value.numberSpelling, !spelling.begins(with: "-"), let seconds = Double(spelling),
            seconds <= Double(secondsMost)
        else { return nil }
        return Instant(unixMilliseconds: Int64((seconds * 1000).rounded(rounding)))
    }

    /// The last second of the year 9999, as far as times can be written.
    private static let secondsMost = 253_402_300_799
}
