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
    /// Whether it met the mark as soon as that was made. Nobody knows for how long one stood that was found at a start.
    let isFresh: Bool
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
            (metAt, isFresh) = (mark.steady, true)
            return
        }
        if let former, former.mark == mark {
            (metAt, isFresh) = (former.metAt, former.isFresh)
        } else {
            metAt = reading.steady
            isFresh = former.map { reading.steady - $0.lookedAt <= Self.tolerance } ?? false
        }
    }

    /// By how much the wall clock was set; zero where it was not.
    ///
    /// After a restart nobody knows how long it took: the wall clock is believed, except that time never ran backwards.
    func jump(at reading: ClockReading) -> Duration {
        let apart = reading.wall - (mark.wall + (reading.steady - metAt))
        let jump = isFresh ? apart : min(.zero, apart)
        return jump > Self.tolerance || jump < .zero - Self.tolerance ? jump : .zero
    }

    /// What the ledger's times are to be held against now: the wall clock, without what it was set by since.
    func time(at reading: ClockReading) -> Instant { reading.wall + (.zero - jump(at: reading)) }

    /// Whether the times may be moved by this process.
    func isKept(by reading: ClockReading) -> Bool {
        mark.process == reading.process || reading.steady - metAt >= Self.silence
    }
}
