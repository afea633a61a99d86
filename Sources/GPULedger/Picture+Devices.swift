// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// Whole cards and MIG instances: n free devices on one node.

extension Picture {
    struct FreeOnNode {
        let node: String
        /// Never empty; in the order of card and id.
        let devices: [Device]
    }

    /// The demand's free devices, by node name; nodes without any are left out.
    func freeByNode(_ demand: Demand) -> [FreeOnNode] {
        Dictionary(grouping: demand.devices.filter(isFree), by: \.node)
            .map { FreeOnNode(node: $0.key, devices: $0.value) }
            .sorted { $0.node < $1.node }
    }

    /// Best fit: the node with the fewest free cards left, then one that is in use anyway, then by name. It keeps empty
    /// nodes for those who need many cards.
    func placeCards(_ count: Int, of demand: Demand) -> [Place]? {
        let node = freeByNode(demand).filter { $0.devices.count >= count }.min { a, b in
            (a.devices.count, isInUse(node: a.node) ? 0 : 1, a.node)
                < (b.devices.count, isInUse(node: b.node) ? 0 : 1, b.node)
        }
        // On the node, cards that the fewest pools want.
        let cards = node?.devices.sorted { ($0.pools.count, $0.id) < ($1.pools.count, $1.id) }
        return cards?.prefix(count).map(Place.init(whole:))
    }

    /// The most used card first, so that others become empty and can be cut anew.
    func placeInstances(_ count: Int, of demand: Demand) -> [Place]? {
        let used = memoryHeldByCard
        let candidates = freeByNode(demand).filter { $0.devices.count >= count }.map { free in
            free.devices.map { (device: $0, used: used[$0.card] ?? MiB(0)) }
                .sorted { ($1.used, $0.device.card, $0.device.id) < ($0.used, $1.device.card, $1.device.id) }
        }
        // Of equals `min` keeps the first, and the nodes are in the order of their names.
        let best = candidates.min { $0[0].used > $1[0].used }
        return best?.prefix(count).map { Place(whole: $0.device) }
    }

    private var memoryHeldByCard: [String: MiB] {
        holds.reduce(into: [:]) {
            $0[$1.place.card, default: MiB(0)] = $0[$1.place.card, default: MiB(0)] + $1.place.memory
        }
    }
}

extension Place {
    init(whole device: Device) {
        self.init(
            node: device.node,
            card: device.card,
            device: device.id,
            units: 1,
            memory: device.memory,
            limit: device.memory
        )
    }
}
