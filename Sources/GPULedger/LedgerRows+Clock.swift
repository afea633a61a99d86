// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Moves the times of what is live along when the wall clock was set, so that no duration changes by it.
    ///
    /// - Returns: by how much; zero where the clock runs as it should.
    func settle(_ reading: ClockReading) throws(StorageError) -> Duration {
        guard let mark = try clockMark() else {
            try mark(reading)
            return .zero
        }
        let jump = reading.jump(since: mark)
        if jump != .zero { try moveTimes(by: jump) }
        if jump != .zero || reading.isDue(after: mark) { try self.mark(reading) }
        return jump
    }

    private func clockMark() throws(StorageError) -> ClockReading? {
        let rows = try connection.query("SELECT process, steady_ms, wall_unix_ms FROM clock_mark WHERE one = 1")
        guard let row = rows.first else { return nil }
        return ClockReading(
            process: try row.text(0), steady: .milliseconds(try row.integer(1)),
            wall: Instant(unixMilliseconds: try row.integer(2)))
    }

    private func mark(_ reading: ClockReading) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO clock_mark (one, process, steady_ms, wall_unix_ms) VALUES (1, $1, $2, $3)
            ON CONFLICT (one) DO UPDATE SET process = excluded.process, steady_ms = excluded.steady_ms,
                wall_unix_ms = excluded.wall_unix_ms
            """,
            [
                SQLValue(reading.process), SQLValue(reading.steady.wholeMilliseconds),
                SQLValue(reading.wall.unixMilliseconds),
            ])
    }

    private func moveTimes(by jump: Duration) throws(StorageError) {
        let by = SQLValue(jump.wholeMilliseconds)
        try connection.execute(
            """
            UPDATE reservation SET held_until_unix_ms = held_until_unix_ms + $1,
                ends_by_unix_ms = ends_by_unix_ms + $1, stop_wanted_at_unix_ms = stop_wanted_at_unix_ms + $1
            WHERE state IN \(Reservation.State.liveSQL)
            """, [by])
        try connection.execute("UPDATE withheld_node SET until_unix_ms = until_unix_ms + $1", [by])
        try connection.execute(
            """
            UPDATE cluster_view SET observed_at_unix_ms = observed_at_unix_ms + $1,
                wait_until_unix_ms = wait_until_unix_ms + $1
            """, [by])
        try moveTimesOfUse(by: by)
    }
}
