// SPDX-License-Identifier: Apache-2.0
internal import Glibc
package import SpawnModel

/// The clocks that a sidecar goes by, read together.
package struct ClockReading: Hashable, Sendable {
    /// CLOCK_BOOTTIME: nobody sets it, and it goes on while the machine sleeps.
    package var sinceBoot: Duration
    /// Tells whether two readings of `sinceBoot` can be compared.
    package var bootID: String
    package var wall: Instant

    package init(sinceBoot: Duration, bootID: String, wall: Instant) {
        self.sinceBoot = sinceBoot
        self.bootID = bootID
        self.wall = wall
    }

    package static func now() -> ClockReading {
        ClockReading(sinceBoot: read(CLOCK_BOOTTIME), bootID: currentBoot, wall: wallNow())
    }

    private static func wallNow() -> Instant {
        Instant(unixMilliseconds: read(CLOCK_REALTIME).wholeMilliseconds)
    }

    private static func read(_ clock: Int32) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Empty where there is no `/proc`: then all readings count as of one boot, which they are within a process.
    private static let currentBoot: String = {
        let bytes = (try? readFile("/proc/sys/kernel/random/boot_id", bytesMax: 64)) ?? []
        return String(decoding: bytes.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
    }()
}
