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
    /// More than slewing can make of the time between two readings.
    static let tolerance = Duration.seconds(2)
    /// A mark is this old at most, so that slewing does not add up.
    static let markedEvery = Duration.seconds(60)

    /// By how much the wall clock was set since `mark`; zero where it was not.
    ///
    /// After a restart nobody knows how long it took: the wall clock is believed, except that time never ran backwards.
    func jump(since mark: ClockReading) -> Duration {
        let passed = wall - mark.wall
        let jump = process == mark.process ? passed - (steady - mark.steady) : min(.zero, passed)
        return abs(jump) > Self.tolerance ? jump : .zero
    }

    private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }

    func isDue(after mark: ClockReading) -> Bool {
        process != mark.process || steady - mark.steady >= Self.markedEvery
    }
}
