// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The inventory, looked at from the pools: which devices each may place on. Made once per inventory.
struct DeviceCatalogue: Sendable {
    let inventory: Inventory
    /// In the order of node, card and id.
    let devices: [Device]
    /// In the order of their names; a device's `nodeNumber` is a place in here.
    let nodes: [NodeDevices]
    let pools: [PoolDevices]
    private let indices: [String: Int]
    private let indicesByCard: [String: [Int]]
    private let poolNumbers: [String: Int]
    private let wholePools: Set<String>
    private let nodeNumbers: [String: Int]

    struct NodeDevices: Sendable {
        let name: String
        /// Places in the catalogue's list.
        let devices: Range<Int>
        /// The numbers of the pools with devices here, and where in the pool's own list these are.
        fileprivate(set) var pools: [(number: Int, devices: Range<Int>)] = []
    }

    struct PoolDevices: Sendable {
        let number: Int
        let pool: Pool
        /// In the order of node, card and id; only those whose kind fits the pool's mode.
        let devices: [Device]
        /// By node, in the order of the nodes.
        let ranges: [(node: Int, devices: Range<Int>)]
        /// Whether some device has a unit of its own.
        let hasOwnUnits: Bool
        /// Devices that may also be given away whole, the smallest first, as shares open them; and the others.
        let (whole, others): ([Device], [Device])
        /// One device of each kind: prices hang on nothing else, and there are few kinds however many devices.
        let kinds: [Device]
        /// By the cards' memory what the pool makes of them on demand; empty for other pools.
        let shapes: [MiB: MIGShape]

        var isOnDemand: Bool { pool.migLayout == .onDemand }

        /// What the pool makes of the card; nil where it gives devices as they are.
        func shape(on device: Device) -> MIGShape? { shapes.isEmpty ? nil : shapes[device.cardMemory] }

        /// How many the device gives when nobody has anything.
        func most(on device: Device) -> Int { shape(on: device)?.most ?? 1 }

        /// Of one that the device gives.
        func memory(on device: Device) -> MiB { shape(on: device)?.memory ?? device.memory }
    }

    /// - Throws: `LedgerError.inventoryFault` when a name appears twice or a number makes no sense.
    init(_ inventory: Inventory) throws(LedgerError) {
        if let fault = inventory.fault { throw .inventoryFault(fault) }
        self.inventory = inventory
        let found = inventory.nodes.flatMap(FoundDevice.all(on:)).sorted { $0.order < $1.order }
        let names = found.map(\.node).runs { $0 == $1 }
        let devices = names.enumerated().flatMap { number, range in
            range.map { Device(found[$0], index: $0, nodeNumber: number) }
        }
        let wholePools = Set(inventory.pools.filter { $0.mode == .whole }.map(\.name))
        self.wholePools = wholePools
        let pools = inventory.pools.enumerated().map { number, pool in
            PoolDevices(
                number: number, pool: pool, devices: devices.filter { Self.may(pool, placeOn: $0) }, whole: wholePools)
        }
        self.devices = devices
        self.pools = pools
        nodes = Self.nodes(names.map { (found[$0.lowerBound].node, $0) }, pools)
        indices = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.index) })
        indicesByCard = Dictionary(grouping: devices.indices) { devices[$0].card }
        nodeNumbers = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.name, $0) })
        poolNumbers = Dictionary(uniqueKeysWithValues: inventory.pools.enumerated().map { ($1.name, $0) })
    }

    private static func nodes(_ names: [(String, Range<Int>)], _ pools: [PoolDevices]) -> [NodeDevices] {
        var nodes = names.map { NodeDevices(name: $0, devices: $1) }
        for pool in pools {
            for range in pool.ranges { nodes[range.node].pools.append((pool.number, range.devices)) }
        }
        return nodes
    }

    func number(ofNode name: String) -> Int? { nodeNumbers[name] }

    func device(_ id: String) -> Device? { indices[id].map { devices[$0] } }

    func device(bearing place: Place) -> Device? { device(place.bearer) }

    /// The devices that cannot be given whole while something is held at `place`: who has a card has all that is on
    /// it; who has an instance has that, and keeps the card from being whole, also when the instance has vanished.
    func devices(concernedBy place: Place) -> [Int] {
        let onCard = indicesByCard[place.card] ?? []
        guard place.device != place.card else { return onCard }
        return onCard.filter { devices[$0].profile == nil } + (indices[place.device].map { [$0] } ?? [])
    }

    subscript(pool name: String) -> PoolDevices? { poolNumbers[name].map { pools[$0] } }

    /// In the order of their names.
    var poolsInOrder: [Pool] { pools.map(\.pool).sorted { $0.name < $1.name } }

    /// In the order of their names.
    func pools(giving resource: String) -> [Pool] {
        pools.map(\.pool).filter { $0.resourceName == resource }.sorted { $0.name < $1.name }
    }

    /// What the holds make of each device, by the devices' indices.
    func uses(of holds: [Hold]) -> [DeviceUse] {
        var found = [[Hold]](repeating: [], count: devices.count)
        for hold in holds {
            for index in devices(concernedBy: hold.place) { found[index].append(hold) }
        }
        return devices.map { DeviceUse(found[$0.index], on: $0, self) }
    }

    /// Whether the device may also be given away as a whole card.
    func isWantedWhole(_ device: Device) -> Bool {
        device.isIn(wholePools)
    }

    private static func may(_ pool: Pool, placeOn device: Device) -> Bool {
        guard device.pools.contains(pool.name) else { return false }
        return switch pool.mode {
        case .whole: device.profile == nil
        case .mig(let profile):
            switch pool.migLayout {
            case .fixed: device.profile == profile
            case .onDemand: device.profile == nil && MIGShape(profile, cardMemory: device.cardMemory) != nil
            }
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

private struct DeviceKind: Hashable {
    let memory: MiB
    let cardMemory: MiB
    let profile: MIGProfile?

    init(_ device: Device) { (memory, cardMemory, profile) = (device.memory, device.cardMemory, device.profile) }
}

extension DeviceCatalogue.PoolDevices {
    fileprivate init(number: Int, pool: Pool, devices: [Device], whole wholePools: Set<String>) {
        let kinds = Dictionary(devices.map { (DeviceKind($0), $0) }, uniquingKeysWith: { first, _ in first })
        self.init(
            number: number, pool: pool, devices: devices,
            ranges: devices.runs { $0.nodeNumber == $1.nodeNumber }.map { (devices[$0.lowerBound].nodeNumber, $0) },
            hasOwnUnits: devices.contains { $0.unit != nil },
            whole: devices.filter { $0.isIn(wholePools) }.sorted { $0.memory < $1.memory },
            others: devices.filter { !$0.isIn(wholePools) }, kinds: Array(kinds.values),
            shapes: Self.shapes(of: pool, on: devices))
    }

    private static func shapes(of pool: Pool, on devices: [Device]) -> [MiB: MIGShape] {
        guard case .mig(let profile) = pool.mode, pool.migLayout == .onDemand else { return [:] }
        let sizes = Set(devices.map(\.cardMemory)).compactMap { size in
            MIGShape(profile, cardMemory: size).map { (size, $0) }
        }
        return Dictionary(uniqueKeysWithValues: sizes)
    }
}

extension Array {
    /// The places of elements that follow each other and belong together.
    fileprivate func runs(_ belong: (Element, Element) -> Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for place in indices where place + 1 == count || !belong(self[place], self[place + 1]) {
            runs.append(start..<place + 1)
            start = place + 1
        }
        return runs
    }
}

extension Device {
    fileprivate func isIn(_ pools: Set<String>) -> Bool { !pools.isDisjoint(with: self.pools) }

    fileprivate init(_ found: FoundDevice, index: Int, nodeNumber: Int) {
        self.init(
            index: index,
            nodeNumber: nodeNumber,
            id: found.instance?.id ?? found.card.uuid,
            node: found.node,
            card: found.card.uuid,
            memory: found.instance?.memory ?? found.card.memory,
            cardMemory: found.card.memory,
            unit: found.instance?.unit ?? found.card.unit,
            profile: found.instance?.profile,
            pools: found.instance?.pools ?? found.card.pools
        )
    }
}
