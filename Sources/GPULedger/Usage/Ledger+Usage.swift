// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// How long each session's own interval is kept; after it, days are summed up for each account.
    package static let usageIntervalsKept = Duration.seconds(92 * 86_400)

    /// What was used in these days, in the order of names; what runs is counted up to `now`. At most `listMax`.
    package func usage(
        _ days: DayRange, by grouping: UsageGrouping, now: Instant
    ) async throws(LedgerError) -> [UsageSum] {
        try await withRows { (rows) throws(StorageError) in
            try rows.usage(days, by: grouping, now: now, most: Self.listMax)
        }
    }

    /// Makes daily sums of what is older than `usageIntervalsKept`; at most `expireMax` sessions at a time, and gives how
    /// many. When as many come back, call again.
    package func rollUpUsage(now: Instant) async throws(LedgerError) -> Int {
        let day = Instant(unixMilliseconds: now.unixMilliseconds - Self.usageIntervalsKept.wholeMilliseconds).dayInUTC
        return try await withRows { (rows) throws(StorageError) in
            try rows.rollUpUsage(endedBefore: day, most: Self.expireMax)
        }
    }
}
