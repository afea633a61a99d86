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

    init(_ nodes: [Inventory.Node]) {
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

    /// The most devices of the pool that stand in one node.
    func mostOnOneNode(of pool: String) -> Int {
        Dictionary(grouping: devices(of: pool), by: \.node).values.map(\.count).max() ?? 0
    }
}

extension Inventory.Node {
    /// The node with the memory of each device cut to whole units, where one pool shares it: what is left beyond the
    /// last unit cannot be asked for.
    func adjusted(to pools: [Pool]) -> Inventory.Node {
        let units: [String: MiB] = Dictionary(
            pools.compactMap { pool in
                if case .shared(let terms) = pool.mode { (pool.name, terms.unit) } else { nil }
            }, uniquingKeysWith: { first, _ in first })
        func cut(_ memory: MiB, _ pools: [String]) -> MiB {
            pools.compactMap { units[$0] }.map { MiB(memory.count / $0.count * $0.count) }.min() ?? memory
        }
        return Inventory.Node(
            name: name,
            cards: cards.map { card in
                Inventory.Card(
                    uuid: card.uuid, product: card.product, memory: cut(card.memory, card.pools), pools: card.pools,
                    migInstances: card.migInstances.map {
                        Inventory.MIGInstance(id: $0.id, profile: $0.profile, memory: cut($0.memory, $0.pools), pools: $0.pools)
                    })
            })
    }
}
