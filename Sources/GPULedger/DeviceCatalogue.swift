// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The inventory, looked at from the pools: which devices each may place on. Made once per inventory.
struct DeviceCatalogue: Sendable {
    /// In the order of node, card and id.
    let devices: [Device]
    private let indices: [String: Int]
    private let indicesByCard: [String: [Int]]
    private var pools: [String: PoolDevices]
    /// Nodes on which nothing is placed, whatever they have.
    private(set) var drained: Set<String> = []

    struct PoolDevices: Sendable {
        let pool: Pool
        /// In the order of node, card and id; only those whose kind fits the pool's mode.
        let devices: [Device]
    }

    /// - Throws: `LedgerError.inventoryFault` when a name appears twice or a number makes no sense.
    init(_ inventory: Inventory) throws(LedgerError) {
        if let fault = inventory.fault { throw .inventoryFault(fault) }
        let found = inventory.nodes.flatMap(FoundDevice.all(on:)).sorted { $0.order < $1.order }
        let devices = found.enumerated().map { Device($1, index: $0) }
        self.devices = devices
        indices = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.index) })
        indicesByCard = Dictionary(grouping: devices.indices) { devices[$0].card }
        pools = Dictionary(
            uniqueKeysWithValues: inventory.pools.map { pool in
                (pool.name, PoolDevices(pool: pool, devices: devices.filter { Self.may(pool, placeOn: $0) }))
            }
        )
    }

    /// The same, with nothing to be placed on these nodes and no others.
    func draining(_ nodes: Set<String>) -> DeviceCatalogue {
        guard nodes != drained else { return self }
        var catalogue = self
        catalogue.drained = nodes
        catalogue.pools = pools.mapValues { known in
            let open = devices.filter { !nodes.contains($0.node) && Self.may(known.pool, placeOn: $0) }
            return PoolDevices(pool: known.pool, devices: open)
        }
        return catalogue
    }

    func device(_ id: String) -> Device? { indices[id].map { devices[$0] } }

    /// The devices that cannot be given whole while something is held at `place`: who has a card has all that is on
    /// it; who has an instance has that, and keeps the card from being whole, also when the instance has vanished.
    func devices(concernedBy place: Place) -> [Int] {
        let onCard = indicesByCard[place.card] ?? []
        guard place.device != place.card else { return onCard }
        return onCard.filter { devices[$0].profile == nil } + (indices[place.device].map { [$0] } ?? [])
    }

    subscript(pool name: String) -> PoolDevices? { pools[name] }

    /// In the order of their names.
    var poolsInOrder: [Pool] { pools.values.map(\.pool).sorted { $0.name < $1.name } }

    /// In the order of their names.
    func pools(giving resource: String) -> [Pool] {
        pools.values.map(\.pool).filter { $0.resourceName == resource }.sorted { $0.name < $1.name }
    }

    /// What the holds make of each device, by the devices' indices.
    func uses(of holds: [Hold]) -> [DeviceUse] {
        var uses = [DeviceUse](repeating: DeviceUse(), count: devices.count)
        for hold in holds {
            let terms = self[pool: hold.pool]?.pool.sharedTerms
            for index in devices(concernedBy: hold.place) { uses[index].add(hold, on: devices[index], terms: terms) }
        }
        return uses
    }

    /// Whether the device may also be given away as a whole card.
    func isWantedWhole(_ device: Device) -> Bool {
        device.pools.contains { pools[$0]?.pool.mode == .whole }
    }

    private static func may(_ pool: Pool, placeOn device: Device) -> Bool {
        guard device.pools.contains(pool.name) else { return false }
        return switch pool.mode {
        case .whole: device.profile == nil
        case .mig(let profile): device.profile == profile
        case .shared: true
        }
    }
}

/// A device before it has its place in the list.
private struct FoundDevice {
    let node: String
    let card: Inventory.Card
    /// Nil when the card itself is the device.
    let instance: Inventory.MIGInstance?

    /// A card with MIG instances serves those only.
    static func all(on node: Inventory.Node) -> [FoundDevice] {
        node.cards.flatMap { card in
            card.migInstances.isEmpty
                ? [FoundDevice(node: node.name, card: card, instance: nil)]
                : card.migInstances.map { FoundDevice(node: node.name, card: card, instance: $0) }
        }
    }

    var order: (String, String, String) { (node, card.uuid, instance?.id ?? "") }
}

extension Device {
    fileprivate init(_ found: FoundDevice, index: Int) {
        self.init(
            index: index,
            id: found.instance?.id ?? found.card.uuid,
            node: found.node,
            card: found.card.uuid,
            memory: found.instance?.memory ?? found.card.memory,
            cardMemory: found.card.memory,
            profile: found.instance?.profile,
            pools: found.instance?.pools ?? found.card.pools
        )
    }
}

extension Inventory {
    /// What makes the inventory unusable, in words; nil when nothing does.
    var fault: String? {
        let cards = nodes.flatMap(\.cards)
        let instances = cards.flatMap(\.migInstances)
        return Self.repeated(nodes.map(\.name)).map { "node \($0) is listed twice" }
            ?? Self.repeated(cards.map(\.uuid) + instances.map(\.id)).map { "device \($0) is listed twice" }
            ?? Self.repeated(pools.map(\.name)).map { "pool \($0) is listed twice" }
            ?? pools.lazy.compactMap(Self.fault(of:)).first
            ?? cards.first { !Self.memoryRange.contains($0.memory.count) }
            .map { "card \($0.uuid) has \($0.memory.count) MiB" }
            ?? instances.first { !Self.memoryRange.contains($0.memory.count) }
            .map { "MIG instance \($0.id) has \($0.memory.count) MiB" }
    }

    /// Wide enough for any card to come, narrow enough that no sum or product overflows.
    static let memoryRange = 1...(1 << 32)

    private static func fault(of pool: Pool) -> String? {
        guard case .shared(let terms) = pool.mode else { return nil }
        if !memoryRange.contains(terms.unit.count) { return "pool \(pool.name) has a unit of \(terms.unit.count) MiB" }
        if !(100...10_000).contains(terms.overcommitPercent) {
            return "pool \(pool.name) has an overcommit of \(terms.overcommitPercent) %; it must be 100 to 10000"
        }
        return terms.sharersMax < 1 ? "pool \(pool.name) lets \(terms.sharersMax) share a device" : nil
    }

    private static func repeated(_ names: [String]) -> String? {
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }
    }
}
