// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The inventory, looked at from the pools: which devices each may place on. Made once per inventory.
struct DeviceCatalogue: Sendable {
    /// Every device by its id.
    let devices: [String: Device]
    private let pools: [String: PoolDevices]

    struct PoolDevices: Sendable {
        let pool: Pool
        /// In the order of node, card and id; only those whose kind fits the pool's mode.
        let devices: [Device]
    }

    /// - Throws: `LedgerError.inventoryFault` when a name appears twice or a number makes no sense.
    init(_ inventory: Inventory) throws(LedgerError) {
        if let fault = inventory.fault { throw .inventoryFault(fault) }
        let all = inventory.nodes.flatMap(Self.devices(of:))
            .sorted { ($0.node, $0.card, $0.id) < ($1.node, $1.card, $1.id) }
        devices = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
        pools = Dictionary(
            uniqueKeysWithValues: inventory.pools.map { pool in
                (pool.name, PoolDevices(pool: pool, devices: all.filter { Self.may(pool, placeOn: $0) }))
            }
        )
    }

    subscript(pool name: String) -> PoolDevices? { pools[name] }

    /// Whether the device may also be given away as a whole card.
    func isWantedWhole(_ device: Device) -> Bool {
        device.pools.contains { pools[$0]?.pool.mode == .whole }
    }

    private static func devices(of node: Inventory.Node) -> [Device] {
        node.cards.flatMap { card in
            // A card with MIG instances serves those only.
            guard card.migInstances.isEmpty else {
                return card.migInstances.map {
                    Device(
                        id: $0.id,
                        node: node.name,
                        card: card.uuid,
                        memory: $0.memory,
                        profile: $0.profile,
                        pools: $0.pools
                    )
                }
            }
            return [
                Device(
                    id: card.uuid,
                    node: node.name,
                    card: card.uuid,
                    memory: card.memory,
                    profile: nil,
                    pools: card.pools
                )
            ]
        }
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
