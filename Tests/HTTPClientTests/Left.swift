// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A number of things to be taken; from any thread.
final class Left: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    func add() { count.withLock { $0 += 1 } }

    /// False when none is left.
    func take() -> Bool {
        count.withLock { count in
            guard count > 0 else { return false }
            count -= 1
            return true
        }
    }
}
