// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole milliseconds, none when negative; what is finer counts as one more, so that no deadline comes early.
    var millisecondsUp: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return UInt64(seconds) * 1000 + UInt64((attoseconds + perMillisecond - 1) / perMillisecond)
    }
}
