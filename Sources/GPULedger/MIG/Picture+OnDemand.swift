// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// MIG instances: how many of a pool a device gives, and where those go that are made on demand.

extension Picture {
    /// How many more of the pool's the device gives now: of itself 1 or none, of instances that are made on it as many as
    /// have a start.
    func left(of known: DeviceCatalogue.PoolDevices, on device: Device) -> Int {
        guard !isWithheld(device), keptOpen[device.index] == nil else { return 0 }
        return unheld(of: known, on: device)
    }

    /// The same if it were neither withheld nor kept for shares.
    func unheld(of known: DeviceCatalogue.PoolDevices, on device: Device) -> Int {
        let holds = use(of: device).holds
        guard let shape = known.shape(on: device) else { return holds.isEmpty ? 1 : 0 }
        return MIGOccupancy(holds).left(for: shape)
    }

    func left(of known: DeviceCatalogue.PoolDevices, onNode node: Int) -> Int {
        devices(of: known, onNode: node).reduce(0) { $0 + left(of: known, on: $1) }
    }

    func placeOnDemand(_ count: Int, of demand: Demand) -> [Place]? {
        let known = demand.known
        let key = indices[known.number].nodes.first(from: .first) {
            allows($0, demand) && (count == 1 || left(of: known, onNode: $0.place) >= count)
        }
        guard let key else { return nil }
        var cards = devices(of: known, onNode: key.place).compactMap { device in
            left(of: known, on: device) > 0
                ? known.shape(on: device).map { CutCard(device, $0, use(of: device).holds) } : nil
        }
        let places = (0..<count).compactMap { _ in cards.take() }
        return places.count == count ? places : nil
    }

    /// Over what is there: on the cards with the least on them, each at its highest starts.
    func placeOverOnDemand(_ demand: Demand) -> [Place]? {
        guard case .devices(let count, as: _) = demand.amount else { return nil }
        let cards = demand.devices.filter(demand.allows).compactMap { device in
            demand.known.shape(on: device).map { CutCard(device, $0, use(of: device).holds) }
        }
        let emptiest = cards.sorted { ($0.memory, $0.device.id) < ($1.memory, $1.device.id) }
        let places = emptiest.flatMap { card in
            card.shape.starts.suffix(card.shape.most).reversed().map { Place(card.shape, at: $0, on: card.device) }
        }
        return places.count >= count ? Array(places.prefix(count)) : nil
    }

    /// Whether as much is free as `count` instances need, if the cards were cut anew: in memory and in compute.
    func fitsInSlices(_ count: Int, of demand: Demand) -> Bool {
        var (eighths, sevenths) = (0, 0)
        var shapes: Set<MIGShape> = []
        for device in demand.devices where !isWithheld(device) && demand.allows(device) {
            guard let shape = demand.known.shape(on: device), keptOpen[device.index] == nil else { continue }
            let occupancy = MIGOccupancy(use(of: device).holds)
            guard !(shape.profile.hasMediaEngines && occupancy.hasMedia) else { continue }
            shapes.insert(shape)
            eighths += occupancy.freeEighths
            sevenths += occupancy.freeSevenths(onCardOf: device.cardMemory)
        }
        return shapes.contains { eighths / $0.length >= count && sevenths / $0.compute >= count }
    }

    /// By when as many have a start on one node, as `nextFree` tells it.
    func earliestOnDemand(_ count: Int, of demand: Demand, _ now: Instant) -> Instant? {
        var earliest: Instant?
        for range in demand.known.ranges {
            let cards = demand.devices[range.devices].compactMap { ends(on: $0, demand, now) }
            let times = Set(cards.flatMap(\.times) + [now]).filter { time in earliest.map { time < $0 } ?? true }
            earliest =
                times.sorted().first { time in cards.reduce(0) { $0 + $1.left(at: time) } >= count } ?? earliest
        }
        return earliest
    }

    private func ends(on device: Device, _ demand: Demand, _ now: Instant) -> CardEnds? {
        guard !isWithheld(device), let shape = demand.known.shape(on: device) else { return nil }
        let holds = use(of: device).holds
        return CardEnds(
            shape: shape, opensAt: holds.isEmpty ? keptOpen[device.index] ?? now : now,
            holds: holds.map { ($0, gone(of: $0, now: now)) })
    }
}

/// A card with what goes from it in time.
private struct CardEnds {
    let shape: MIGShape
    let opensAt: Instant
    /// Nil of what has no end.
    let holds: [(hold: Hold, gone: Instant?)]

    var times: [Instant] { holds.compactMap(\.gone) + [opensAt] }

    func left(at time: Instant) -> Int {
        guard time >= opensAt else { return 0 }
        let rest = holds.filter { $0.gone.map { $0 > time } ?? true }
        return MIGOccupancy(rest.map(\.hold)).left(for: shape)
    }
}
