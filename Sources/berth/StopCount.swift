// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How often the process was told to stop.
final class StopCount: Sendable {
    private let count = Atomic<Int>(0)

    /// 1 for the first.
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }

    var isFirst: Bool { count.load(ordering: .relaxed) == 1 }
}
