// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What a demand counts for, whichever of the pool's devices it lands on: the most that it may turn out to be.
struct Price: Hashable {
    let milliCards: Int
    let memory: MiB
}

extension Demand {
    var price: Price {
        let largest = devices.map(\.memory).max() ?? MiB(0)
        switch amount {
        case .devices(let count, as: _):
            let each = devices.map(\.price.count).max() ?? 1000
            // More than there can ever be is too many whatever it costs, and the arithmetic stays in range.
            let count = min(count, devices.count + 1)
            return Price(milliCards: count * each, memory: MiB(count * largest.count))
        case .share(let size):
            return Price(milliCards: devices.map { $0.price(of: size) }.max() ?? 1000, memory: size.memory)
        }
    }

    /// All that the pool has.
    var capacity: Int { devices.reduce(0) { $0 + $1.price.count } }
}

extension Device {
    fileprivate var price: MilliCards {
        guard let profile else { return .cards(1) }
        return .instances(1, of: profile, memory: memory, onCardOf: cardMemory)
    }

    /// Of a share of a MIG instance its part of the instance.
    fileprivate func price(of size: ShareSize) -> Int {
        let part = MilliCards.share(size.memory, ofSmallest: memory)
        return (part.count * price.count + 999) / 1000
    }
}
