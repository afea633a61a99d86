// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// The GPU devices that exist, and the pools that operators made of them.
package struct Inventory: Sendable, Hashable {
    package let nodes: [Node]
    package let pools: [Pool]

    package init(nodes: [Node], pools: [Pool]) {
        self.nodes = nodes
        self.pools = pools
    }

    package struct Node: Sendable, Hashable {
        package let name: String
        package let cards: [Card]
        package init(name: String, cards: [Card]) {
            self.name = name
            self.cards = cards
        }
    }

    /// A physical GPU. With MIG instances it serves those only; without, it is whole or shared as reservations have it.
    package struct Card: Sendable, Hashable {
        package let uuid: String
        package let product: String
        package let memory: MiB
        /// MiB behind one unit of a share here; nil for what the pool says.
        package let unit: MiB?
        /// Names of the pools that may place on this card as a whole or in shares.
        package let pools: [String]
        package let migInstances: [MIGInstance]

        package init(
            uuid: String, product: String, memory: MiB, unit: MiB? = nil, pools: [String], migInstances: [MIGInstance]
        ) {
            self.uuid = uuid
            self.product = product
            self.memory = memory
            self.unit = unit
            self.pools = pools
            self.migInstances = migInstances
        }
    }

    /// A slice that exists on a card. `id` is unique in the inventory.
    package struct MIGInstance: Sendable, Hashable {
        package let id: String
        package let profile: MIGProfile
        package let memory: MiB
        /// As a card's.
        package let unit: MiB?
        package let pools: [String]

        package init(id: String, profile: MIGProfile, memory: MiB, unit: MiB? = nil, pools: [String]) {
            self.id = id
            self.profile = profile
            self.memory = memory
            self.unit = unit
            self.pools = pools
        }
    }
}
