// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// One value of one series.
struct Sample: Sendable, Hashable {
    let metric: String
    let labels: [String: String]
    /// May be NaN or infinite: exporters tell what they have.
    let value: Double
    /// Never in the future.
    let at: Instant

    /// Most that is kept of one answer; an exporter tells some hundred, a Prometheus server of a large site some ten
    /// thousand.
    static let countMost = 200_000

    /// The first of these labels that says something.
    func first(_ names: [String]) -> String? {
        names.lazy.compactMap { labels[$0] }.first { !$0.isEmpty && $0 != "-" }
    }
}

extension Instant {
    /// A peer's word on the time: not later than `now`, whatever its clock says; nil where it is no time at all.
    static func told(unixMilliseconds: Int64, now: Instant) -> Instant? {
        unixMilliseconds < 0 ? nil : min(Instant(unixMilliseconds: unixMilliseconds), now)
    }
}
