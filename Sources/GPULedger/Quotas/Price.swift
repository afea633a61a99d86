// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What GPU capacity costs: held, against quotas; and in each second of its use.
struct Price: Hashable {
    let milliCards: Int
    let memory: MiB
}

extension Demand {
    /// The most that it may cost, whichever of the pool's devices it lands on: known before it has a place.
    var price: Price {
        let kinds = known.kinds
        let largest = kinds.map(known.memory).max() ?? MiB(0)
        switch amount {
        case .devices(let count, as: _):
            let each = kinds.map { $0.price(in: known).count }.max() ?? 1000
            // More than there can ever be is too many whatever it costs, and the arithmetic stays in range.
            let most = kinds.map(known.most).max() ?? 1
            let count = min(count, 1 + devices.count * most)
            return Price(milliCards: count * each, memory: MiB(count * largest.count))
        case .share(let size): return price(of: size)
        }
    }

    /// What it costs on `places`, which were found for it: never more than `price`.
    func price(on places: [Place]) -> Price {
        switch amount {
        case .devices(_, as: let mode):
            let memory = places.reduce(MiB(0)) { $0 + $1.memory }
            guard mode == .mig else { return Price(milliCards: places.count * 1000, memory: memory) }
            let taken = places.compactMap { place in devices.first { $0.id == place.bearer } }
            return Price(milliCards: taken.reduce(0) { $0 + $1.price(in: known).count }, memory: memory)
        case .share(let size): return price(of: size)
        }
    }

    /// Of the smallest device that it may land on, so that the price does not hang on where it lands.
    private func price(of size: ShareSize) -> Price {
        Price(milliCards: known.kinds.map { $0.price(of: size) }.max() ?? 1000, memory: size.memory)
    }

    /// All that the pool has.
    var capacity: Int { devices.reduce(0) { $0 + $1.price.count } }
}

extension Price {
    func charge(to payer: String?, borrowed: Charge.Borrowed? = nil) -> Charge {
        Charge(payer: payer, milliCards: milliCards, memory: memory, borrowed: borrowed)
    }
}

extension Device {
    fileprivate var price: MilliCards {
        guard let profile else { return .cards(1) }
        return .instances(1, of: profile, memory: memory, onCardOf: cardMemory)
    }

    /// Of what the pool gives of it.
    fileprivate func price(in known: DeviceCatalogue.PoolDevices) -> MilliCards {
        guard let shape = known.shape(on: self) else { return price }
        return .instances(1, of: shape.profile, memory: shape.memory, onCardOf: cardMemory)
    }

    /// Of a share of a MIG instance its part of the instance.
    fileprivate func price(of size: ShareSize) -> Int {
        (price.count * size.memory.count + memory.count - 1) / max(1, memory.count)
    }
}
