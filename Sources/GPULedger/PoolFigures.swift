// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// A pool in numbers, for graphs and alerts. It names nobody.
package struct PoolFigures: Sendable, Hashable {
    package enum Unit: String, Sendable, CaseIterable {
        case cards
        case migInstances = "mig-instances"
        case mib
    }

    package let pool: String
    /// Of the next three.
    package let unit: Unit
    /// All that may be placed on.
    package let capacity: Int
    package let free: Int
    /// The largest single request that fits now: cards or instances of one node, or one share.
    package let largestFit: Int
    /// Live reservations on devices that no longer bear them.
    package let deficit: Int
}

extension Ledger {
    /// One for each pool, in the order of names, as of the last commit. Waits for nothing.
    package func poolFigures(now: Instant) -> [PoolFigures] {
        let picture = picture.current(now)
        return picture.catalogue.poolsInOrder.compactMap { picture.figures(of: $0) }
    }
}

extension Picture {
    /// Nil where the pool can't be asked for anything.
    fileprivate func figures(of pool: Pool) -> PoolFigures? {
        guard let demand = try? Demand(GPURequest(pool: pool.name, amount: pool.least), in: catalogue) else {
            return nil
        }
        switch pool.mode {
        case .whole: return figures(of: demand, in: .cards)
        case .mig: return figures(of: demand, in: .migInstances)
        case .shared:
            let known = demand.devices.filter { !outside.drained.contains($0.node) }
            let free = known.reduce(0) { $0 + max(0, room(on: $1, demand)?.memory.count ?? 0) }
            return PoolFigures(
                pool: pool.name, unit: .mib, capacity: known.reduce(0) { $0 + $1.memory.count }, free: free,
                largestFit: largestShare(demand)?.count ?? 0, deficit: deficit(ofPool: pool.name))
        }
    }

    private func figures(of demand: Demand, in unit: PoolFigures.Unit) -> PoolFigures {
        var largest = 0
        visitFree(demand) { free in
            largest = max(largest, free)
            return true
        }
        return PoolFigures(
            pool: demand.pool.name, unit: unit,
            capacity: demand.devices.filter { !outside.drained.contains($0.node) }
                .reduce(0) { $0 + demand.known.most(on: $1) }, free: freeDevices(demand),
            largestFit: largest,
            deficit: deficit(ofPool: demand.pool.name))
    }
}

extension Pool {
    /// The smallest amount that it gives.
    fileprivate var least: GPUAmount {
        switch mode {
        case .whole: .cards(1)
        case .mig: .migInstances(1)
        case .shared(let terms): .share(request: terms.unit, limit: terms.unit)
        }
    }
}
