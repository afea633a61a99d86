// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// In the order of names; what runs is counted up to `now`.
    func usage(_ days: DayRange, by grouping: UsageGrouping, now: Instant, most: Int) throws(StorageError) -> [UsageSum]
    {
        let rows = try connection.query(
            Self.usageQuery(by: grouping),
            [
                SQLValue(Instant(dayInUTC: days.first).unixMilliseconds),
                SQLValue(Instant(dayInUTC: days.end).unixMilliseconds), SQLValue(now.unixMilliseconds),
                SQLValue(try usageClock(at: now)), SQLValue(days.first), SQLValue(days.end), SQLValue(most),
            ])
        return try rows.mapRows { (row) throws(StorageError) in
            UsageSum(
                name: try row.text(0), milliCardSeconds: try row.integer(1) + row.integer(2) / 1000,
                mibSeconds: try row.integer(3) + row.integer(4) / 1000)
        }
    }

    /// Milliseconds are summed apart from seconds: the MiB-milliseconds of a large site's years are beyond 64 bits.
    private static func usageQuery(by grouping: UsageGrouping) -> String {
        """
        WITH span AS (
            SELECT account_id, milli_cards, memory_mib, started_at_unix_ms AS started, ended_at_unix_ms AS ended
            FROM usage_interval WHERE ended_at_unix_ms > $1
            UNION ALL
            SELECT account_id, milli_cards, memory_mib, $3 - ($4 - began_elapsed_ms), $3
            FROM charge WHERE began_elapsed_ms IS NOT NULL AND account_id IS NOT NULL
        ), clipped AS (
            SELECT account_id, milli_cards, memory_mib,
                CASE WHEN ended < $2 THEN ended ELSE $2 END - CASE WHEN started > $1 THEN started ELSE $1 END AS length
            FROM span WHERE ended > $1 AND started < $2 AND started < ended
        ), part AS (
            SELECT account_id, milli_cards * length AS milli_card_ms, memory_mib * length AS mib_ms FROM clipped
            UNION ALL
            SELECT account_id, milli_card_ms, mib_ms FROM usage_daily WHERE day >= $5 AND day < $6
        )
        SELECT a.\(grouping.column), CAST(sum(milli_card_ms / 1000) AS BIGINT), CAST(sum(milli_card_ms % 1000) AS BIGINT),
            CAST(sum(mib_ms / 1000) AS BIGINT), CAST(sum(mib_ms % 1000) AS BIGINT)
        FROM part JOIN usage_account a ON a.id = part.account_id
        GROUP BY a.\(grouping.column) ORDER BY a.\(grouping.column) LIMIT $7
        """
    }
}

extension UsageGrouping {
    fileprivate var column: String {
        switch self {
        case .user: "user_name"
        case .group: "payer_group"
        case .profile: "profile"
        case .pool: "pool"
        case .deployment: "deployment"
        }
    }
}
