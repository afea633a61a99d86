// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A number that goes down to 0; from any thread.
final class Left: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    /// False when none is left.
    func take() -> Bool { count.subtract(1, ordering: .relaxed).oldValue > 0 }
}
