// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Makes daily sums of intervals that ended before `day`, oldest first, and gives how many it has taken.
    func rollUpUsage(endedBefore day: Int64, most: Int) throws(StorageError) -> Int {
        let rows = try connection.query(
            """
            SELECT reservation_id, account_id, milli_cards, memory_mib, started_at_unix_ms, ended_at_unix_ms
            FROM usage_interval WHERE ended_at_unix_ms < $1 ORDER BY ended_at_unix_ms LIMIT $2
            """, [SQLValue(Instant(dayInUTC: day).unixMilliseconds), SQLValue(most)])
        for row in rows {
            try addToDays(row)
            try connection.execute("DELETE FROM usage_interval WHERE reservation_id = $1", [row.values[0]])
        }
        return rows.count
    }

    private func addToDays(_ row: SQLRow) throws(StorageError) {
        let (account, milliCards, memory) = (row.values[1], try row.integer(2), try row.integer(3))
        for part in DayPart.parts(from: try row.integer(4), to: try row.integer(5)) {
            try connection.execute(
                """
                INSERT INTO usage_daily (day, account_id, milli_card_ms, mib_ms) VALUES ($1, $2, $3, $4)
                ON CONFLICT (day, account_id) DO UPDATE SET
                    milli_card_ms = usage_daily.milli_card_ms + excluded.milli_card_ms,
                    mib_ms = usage_daily.mib_ms + excluded.mib_ms
                """,
                [
                    SQLValue(part.day), account, SQLValue(milliCards * part.milliseconds),
                    SQLValue(memory * part.milliseconds),
                ])
        }
    }
}

/// What of an interval lies in one day.
struct DayPart: Hashable {
    let day: Int64
    let milliseconds: Int64

    /// Unix milliseconds; their lengths add up to the whole.
    static func parts(from start: Int64, to end: Int64) -> [DayPart] {
        var parts: [DayPart] = []
        var place = start
        while place < end {
            let day = Instant(unixMilliseconds: place).dayInUTC
            let next = min(end, Instant(dayInUTC: day + 1).unixMilliseconds)
            parts.append(DayPart(day: day, milliseconds: next - place))
            place = next
        }
        return parts
    }
}
