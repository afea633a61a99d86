// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Looks for places for shares of one size: each on one device, beside others of its kind, or on several devices of a
/// node where the device plugin may split it.
struct ShareSearch {
    private let picture: Picture
    private let demand: Demand
    private let size: ShareSize
    private let index: PoolIndex
    private let start: PoolIndex.Key
    private var certain: CertainNodes

    init(_ picture: Picture, _ size: ShareSize, of demand: Demand) {
        (self.picture, self.size, self.demand) = (picture, size, demand)
        index = picture.indices[demand.known.number]
        start = .from(size.request(of: demand))
        certain = CertainNodes(picture, demand)
    }

    /// Best fit among the devices that are shared already; only where none has room, one more is opened. With the
    /// policy to spread it is the other way about. Where no device has room, several together may.
    mutating func place() -> [Place]? {
        let one =
            switch demand.terms?.policy {
            case .spread: deviceToOpen() ?? emptiestOpen()
            case .pack, nil: fullestOpen() ?? deviceToOpen()
            }
        if let one {
            let device = picture.catalogue.devices[one]
            return [Place(demand.size(size, on: device), on: device)]
        }
        return demand.fitting == .severalCards ? split() : nil
    }

    private mutating func fullestOpen() -> Int? {
        let open = index.open
        return open.first(from: start) { fits($0) }?.place
    }

    private mutating func emptiestOpen() -> Int? {
        let open = index.open
        var found: Int?
        open.visitBackwards { key in
            if fits(key) { found = key.place }
            return found == nil
        }
        return found
    }

    /// A device that nobody can have whole, then one that somebody could while enough of these stay; the smallest, then
    /// in the order of node, card and id.
    private mutating func deviceToOpen() -> Int? {
        let index = index
        if let closed = index.closed.first(from: start, where: { fits($0) }) { return closed.place }
        guard picture.openableWhole(demand) > 0 else { return nil }
        return index.whole.first(from: start) { fits($0) }?.place
    }

    private mutating func fits(_ key: PoolIndex.Key) -> Bool {
        guard picture.count(size, on: key.place, demand) > 0 else { return false }
        guard demand.fitting == .oneCardForCertain else { return true }
        let device = picture.catalogue.devices[key.place]
        return certain[device].fits(demand.size(size, on: device).units)
    }

    /// On the first node that has room in sum.
    private func split() -> [Place]? {
        for range in demand.known.ranges {
            guard let share = picture.splitShare(size, onNode: range.node, demand) else { continue }
            let cards = picture.cards(range.devices, of: demand)
            guard let parts = share.parts(on: cards, openable: picture.openableWhole(demand)) else { continue }
            return parts.map { Place(share.part($0.units), on: cards[$0.card].device) }
        }
        return nil
    }
}

extension Picture {
    /// The share as it is split there; nil where nothing is granted.
    func splitShare(_ size: ShareSize, onNode node: Int, _ demand: Demand) -> SplitShare? {
        guard let unit = demand.known.unit(onNode: node), let first = catalogue.nodes[node].devices.first,
            !isWithheld(catalogue.devices[first]), demand.allows(catalogue.devices[first])
        else { return nil }
        return SplitShare(size: demand.size(size, on: catalogue.devices[first]), unit: unit)
    }
}

extension Place {
    init(_ size: ShareSize, on device: Device) {
        self.init(
            node: device.node, card: device.card, device: device.id, units: size.units, memory: size.memory,
            limit: size.limit)
    }
}
