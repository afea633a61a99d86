// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Synchronization

/// A clock that a test moves.
final class Clock: Sendable {
    private let instant = Mutex(Instant(unixSeconds: 1_900_000_000))

    var now: Instant { instant.withLock { $0 } }

    func move(_ seconds: Int) { instant.withLock { $0 = $0 + .seconds(seconds) } }
}
