// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Both clocks at one moment. Times are kept by the wall clock, durations must not depend on it: where the two have gone
/// apart, the wall clock was set.
struct ClockReading: Hashable, Sendable {
    /// Names the process: steady clocks of two have nothing to do with each other.
    let process: String
    /// Counts through suspend.
    let steady: Duration
    let wall: Instant
}

extension ClockReading {
    /// A mark is this old at most, so that slewing does not add up.
    static let markedEvery = Duration.seconds(10)

    func isDue(after mark: ClockReading) -> Bool {
        process != mark.process || steady - mark.steady >= Self.markedEvery
    }
}

/// The ledger's clock as one process knows it. One process keeps it: it marks both of its clocks in the ledger every few
/// seconds, and where its wall clock was set, it moves the ledger's times along. The others go by its marks.
struct LedgerClock: Hashable, Sendable {
    let mark: ClockReading
    /// This process's steady clock when it met the mark.
    let metAt: Duration
    /// The wall clock at that moment. Nobody knows for how long a mark stood that was found at a start: then this
    /// process's own is believed, except that time never ran backwards.
    private let wallAtMeeting: Instant
    /// This process's steady clock when it looked last.
    private let lookedAt: Duration

    /// More than slewing can make of the time between two marks, and more than the second between two looks.
    static let tolerance = Duration.seconds(2)
    /// Whoever has not marked for so long has ended.
    static let silence = Duration.seconds(30)

    /// - Parameter former: what was known before.
    init(_ mark: ClockReading, at reading: ClockReading, after former: LedgerClock?) {
        self.mark = mark
        lookedAt = reading.steady
        guard mark.process != reading.process else {
            (metAt, wallAtMeeting) = (mark.steady, mark.wall)
            return
        }
        if let former, former.mark == mark {
            (metAt, wallAtMeeting) = (former.metAt, former.wallAtMeeting)
        } else {
            metAt = reading.steady
            let isFresh = former.map { reading.steady - $0.lookedAt <= Self.tolerance } ?? false
            wallAtMeeting = isFresh ? mark.wall : max(mark.wall, reading.wall)
        }
    }

    /// By how much the wall clock was set; zero where it was not.
    func jump(at reading: ClockReading) -> Duration {
        let jump = reading.wall - (wallAtMeeting + (reading.steady - metAt))
        return jump > Self.tolerance || jump < .zero - Self.tolerance ? jump : .zero
    }

    /// What the ledger's times are to be held against now: the wall clock, without what it was set by since.
    func time(at reading: ClockReading) -> Instant { reading.wall + (.zero - jump(at: reading)) }

    /// Whether the times may be moved by this process.
    func isKept(by reading: ClockReading) -> Bool {
        mark.process == reading.process || reading.steady - metAt >= Self.silence
    }
}
