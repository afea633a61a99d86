// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// The devices of the inventory, by the pools that may place on them.
struct Stock {
    /// What a pool places on: a card, or a MIG instance.
    struct Device {
        let node: String
        let memory: MiB
        /// Nil for a card.
        let migProfile: MIGProfile?
    }

    private let byPool: [String: [Device]]
    /// There may be more than is listed.
    let isPartial: Bool

    init(_ nodes: [Inventory.Node], isPartial: Bool = false) {
        self.isPartial = isPartial
        var byPool: [String: [Device]] = [:]
        for node in nodes {
            for card in node.cards {
                for pool in card.pools {
                    byPool[pool, default: []].append(Device(node: node.name, memory: card.memory, migProfile: nil))
                }
                for instance in card.migInstances {
                    let device = Device(node: node.name, memory: instance.memory, migProfile: instance.profile)
                    for pool in instance.pools { byPool[pool, default: []].append(device) }
                }
            }
        }
        self.byPool = byPool
    }

    func devices(of pool: String) -> [Device] { byPool[pool] ?? [] }

    /// The most memory of the pool that a share may have: of one device, or of one node where shares are split.
    func largestShare(of pool: Pool) -> MiB {
        let devices = devices(of: pool.name)
        guard pool.backend.splitsOverCards else { return devices.map(\.memory).max() ?? MiB(0) }
        let nodes = Dictionary(grouping: devices, by: \.node).values
        return nodes.map { $0.reduce(MiB(0)) { $0 + $1.memory } }.max() ?? MiB(0)
    }

    /// The most devices or instances of the pool that one node has.
    func mostOnOneNode(of pool: Pool) -> Int {
        let nodes = Dictionary(grouping: devices(of: pool.name), by: \.node).values
        return nodes.map { $0.reduce(0) { $0 + $1.most(of: pool) } }.max() ?? 0
    }
}

/// How much of a device's memory a shared pool can hand out: whole units, and no more than its plugin makes.
struct UnitTable {
    private let units: [String: MiB]
    private let counts: [String: Int]

    init(_ pools: [Pool], counts: [String: Int]) {
        let shared: [(String, MiB)] = pools.compactMap { pool in
            if case .shared(let terms) = pool.mode { (pool.name, terms.unit) } else { nil }
        }
        units = Dictionary(shared, uniquingKeysWith: { first, _ in first })
        self.counts = counts
    }

    /// The memory that the least of `pools` can hand out; all of it where none of them is shared.
    func usable(_ memory: MiB, by pools: [String]) -> MiB {
        pools.compactMap { pool in
            units[pool].map { unit in MiB(min(memory.count / unit.count, counts[pool] ?? .max) * unit.count) }
        }.min() ?? memory
    }
}

extension Inventory.Node {
    /// The node with the memory of each device cut to whole units: what is left beyond the last cannot be asked for.
    func cut(to units: UnitTable) -> Inventory.Node {
        Inventory.Node(name: name, cards: cards.map { $0.cut(to: units) })
    }
}

extension Inventory.Card {
    fileprivate func cut(to units: UnitTable) -> Inventory.Card {
        Inventory.Card(
            uuid: uuid, product: product, memory: units.usable(memory, by: pools), pools: pools,
            migInstances: migInstances.map { instance in
                Inventory.MIGInstance(
                    id: instance.id, profile: instance.profile,
                    memory: units.usable(instance.memory, by: instance.pools), pools: instance.pools)
            })
    }
}
