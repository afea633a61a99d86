// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// What a process's turn has made of the ledger's clock.
    struct Settled {
        let clock: LedgerClock
        /// By how much the times were moved; zero where the clock runs as it should.
        var jump = Duration.zero
        /// Whether the clock is this process's to keep.
        var isKept = true
        /// Whether the mark is this transaction's own, and falls with it.
        var isWritten = false
    }

    /// Moves the times of what is live along when the wall clock was set, so that no duration changes by it. Moves nothing
    /// while another process keeps the clock.
    func settle(_ reading: ClockReading, _ former: LedgerClock?) throws(StorageError) -> Settled {
        guard let mark = try clockMark() else { return try marked(reading, former) }
        let clock = LedgerClock(mark, at: reading, after: former)
        guard clock.isKept(by: reading) else { return Settled(clock: clock, isKept: false) }
        let jump = clock.jump(at: reading)
        if jump != .zero { try moveTimes(by: jump) }
        guard jump != .zero || reading.isDue(after: mark) else { return Settled(clock: clock) }
        return try marked(reading, former, jump)
    }

    private func marked(
        _ reading: ClockReading, _ former: LedgerClock?, _ jump: Duration = .zero
    ) throws(StorageError) -> Settled {
        try mark(reading)
        return Settled(clock: LedgerClock(reading, at: reading, after: former), jump: jump, isWritten: true)
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
            WHERE \(Reservation.State.isLiveSQL())
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
