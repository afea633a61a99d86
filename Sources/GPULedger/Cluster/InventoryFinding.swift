// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What an operator should know of nodes and pools that do not fit together. The rest of the inventory counts.
package enum InventoryFinding: Sendable, Hashable {
    /// A GPU resource that no pool names.
    case unknownResource(String, node: String)
    /// What the node has under the resource is not what the pool is made of.
    case unlike(pool: String, node: String, product: String)
    /// A card that NVIDIA's plugin calls unfit for MIG strategy `single`.
    case migInvalid(node: String)
    /// The MIG manager has been at it for longer than it takes, or has failed.
    case migPending(node: String)
    /// Nodes with another product than most of the pool: none of it is placed there.
    case mixedProducts(pool: String, product: String, node: String, other: String)
    /// The pool promises more memory a unit than the card has.
    case unitTooLarge(pool: String, node: String, unit: MiB, most: MiB)
    /// Nothing says how many units are one card.
    case cardsUnknown(pool: String, node: String)
    /// Units that make no whole number of cards.
    case unitsLeftOver(pool: String, node: String, units: Int)
    /// The resources make more cards than the node has: several of them are the same cards.
    case cardsTwice(node: String, resources: [String], cards: Int, of: Int)
    /// The file lists another number of cards than the node has.
    case listedDiffers(node: String, resource: String, listed: Int, seen: Int)
}

extension InventoryFinding: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownResource(let resource, let node):
            "node \(node) has \(resource), which no pool names: nothing of it is given. Add a pool, or ignore this"
        case .unlike(let pool, let node, let product):
            "pool \(pool) is made of something else than what node \(node) has under that name "
                + "(\(product)): nothing is placed there. Narrow the pool's node_selector"
        case .migInvalid(let node):
            "node \(node) has cards that are not all cut the same way, as MIG strategy `single` needs it"
        case .migPending(let node):
            "node \(node) has waited for its MIG layout for more than 15 minutes, or could not get it. Look at the "
                + "MIG manager's log; pods that use the cards keep it waiting"
        case .mixedProducts(let pool, let product, let node, let other):
            "pool \(pool) is made of \(product), and node \(node) has \(other): nothing is placed there. Make a pool "
                + "for each product, told apart by `node_selector: {nvidia.com/gpu.product: …}`"
        case .unitTooLarge(let pool, let node, let unit, let most):
            "pool \(pool) promises \(unit) a unit, and a unit of node \(node) has \(most): nothing is placed there. "
                + "Write the smallest as the pool's `unit`, or make pools apart"
        case .cardsUnknown(let pool, let node):
            "nothing says how many units of pool \(pool) are one card of node \(node): nothing is placed there. Write "
                + "the pool's `units_per_device`"
        case .unitsLeftOver(let pool, let node, let units):
            "node \(node) has \(units) units of pool \(pool) that make no whole card: they are not given. Is the "
                + "pool's `units_per_device` that of the device plugin?"
        case .cardsTwice(let node, let resources, let cards, let count):
            "node \(node) has \(count) cards, and \(resources.joined(separator: " and ")) make \(cards) of them: device "
                + "plugins that give the same cards do not see each other's. Set the node up for one of them, or give each "
                + "its own cards"
        case .listedDiffers(let node, let resource, let listed, let seen):
            "the file lists \(listed) cards of \(resource) in node \(node), and it has \(seen)"
        }
    }
}
