// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What a demand counts for, whichever of the pool's devices it lands on: the most that it may turn out to be.
struct Price: Hashable {
    let milliCards: Int
    let memory: MiB
}

extension Demand {
    var price: Price {
        switch amount {
        case .devices(let count, as: _):
            Price(
                milliCards: count * (devices.map(\.milliCards).max() ?? 1000),
                memory: MiB(count * (devices.map(\.memory).max() ?? MiB(0)).count))
        case .share(let size):
            Price(milliCards: devices.map { $0.milliCards(of: size) }.max() ?? 1000, memory: size.memory)
        }
    }

    /// All that the pool has.
    var capacity: Int { devices.reduce(0) { $0 + $1.milliCards } }
}
