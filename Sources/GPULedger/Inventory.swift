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
        /// Nil where something may be placed there.
        package let withheld: Withholding?

        package init(name: String, cards: [Card], withheld: Withholding? = nil) {
            self.name = name
            self.cards = cards
            self.withheld = withheld
        }
    }

    /// Why nothing new is placed on a node. What is there stays, and is no deficit.
    package enum Withholding: String, Sendable, CaseIterable {
        case notReady = "not-ready"
        /// Its MIG layout is being changed, or the change has failed.
        case reconfiguring
        case cordoned
        /// It has taints that no pool with devices there tolerates.
        case tainted
        /// Its device plugin shows nothing for the moment.
        case restarting
    }

    /// A physical GPU. With MIG instances it serves those only; without, it is whole or shared as reservations have it.
    package struct Card: Sendable, Hashable {
        package let uuid: String
        package let product: String
        package let memory: MiB
        /// Names of the pools that may place on this card as a whole or in shares.
        package let pools: [String]
        package let migInstances: [MIGInstance]

        package init(uuid: String, product: String, memory: MiB, pools: [String], migInstances: [MIGInstance]) {
            self.uuid = uuid
            self.product = product
            self.memory = memory
            self.pools = pools
            self.migInstances = migInstances
        }
    }

    /// A slice that exists on a card. `id` is unique in the inventory.
    package struct MIGInstance: Sendable, Hashable {
        package let id: String
        package let profile: MIGProfile
        package let memory: MiB
        package let pools: [String]

        package init(id: String, profile: MIGProfile, memory: MiB, pools: [String]) {
            self.id = id
            self.profile = profile
            self.memory = memory
            self.pools = pools
        }
    }
}
