// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// Whole cards and MIG instances: n free devices on one node.

extension Picture {
    /// Best fit: the node with the fewest free cards left, then one that is in use anyway, then by name. It keeps empty
    /// nodes for those who need many cards.
    func placeCards(_ count: Int, of demand: Demand) -> [Place]? {
        guard let key = indices[demand.known.number].nodes.first(from: .from(count), where: { allows($0, demand) })
        else {
            return nil
        }
        // On the node, cards that the fewest pools want.
        let cards = freeDevices(of: demand, onNode: key.place)
            .sorted { ($0.pools.count, $0.id) < ($1.pools.count, $1.id) }
        return cards.prefix(count).map(Place.init(whole:))
    }

    /// The most used card first, so that others become empty and can be cut anew.
    func placeInstances(_ count: Int, of demand: Demand) -> [Place]? {
        if demand.known.isOnDemand { return placeOnDemand(count, of: demand) }
        let key = indices[demand.known.number].nodes.first(from: .first) {
            allows($0, demand) && (count == 1 || freeDevices(of: demand, onNode: $0.place).count >= count)
        }
        guard let key else { return nil }
        let free = freeDevices(of: demand, onNode: key.place).map { (device: $0, used: memoryHeld(onCardOf: $0)) }
            .sorted { ($1.used, $0.device.card, $0.device.id) < ($0.used, $1.device.card, $1.device.id) }
        return free.prefix(count).map { Place(whole: $0.device) }
    }

    func allows(_ node: PoolIndex.Key, _ demand: Demand) -> Bool {
        demand.onlyNode.map { $0 == catalogue.nodes[node.place].name } ?? true
    }

    func freeDevices(of demand: Demand, onNode node: Int) -> [Device] {
        devices(of: demand.known, onNode: node).filter(isFree)
    }

    func devices(of known: DeviceCatalogue.PoolDevices, onNode node: Int) -> ArraySlice<Device> {
        catalogue.nodes[node].pools.first { $0.number == known.number }.map { known.devices[$0.devices] } ?? []
    }

    /// Calls `body` with the number of free devices, or of instances that can be made, of each node that has any, until
    /// it says false.
    func visitFree(_ demand: Demand, _ body: (Int) -> Bool) {
        indices[demand.known.number].nodes.visit(from: .first) { key in
            switch demand.pool.mode {
            case .whole: body(key.rank)
            case .mig, .shared: body(left(of: demand.known, onNode: key.place))
            }
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
