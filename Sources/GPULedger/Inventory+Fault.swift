// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Inventory {
    /// What makes the inventory unusable, in words; nil when nothing does.
    var fault: String? {
        let cards = nodes.flatMap(\.cards)
        let instances = cards.flatMap(\.migInstances)
        return Self.repeated(nodes.map(\.name)).map { "node \($0) is listed twice" }
            ?? Self.repeated(cards.map(\.uuid) + instances.map(\.id)).map { "device \($0) is listed twice" }
            ?? Self.repeated(pools.map(\.name)).map { "pool \($0) is listed twice" }
            ?? pools.lazy.compactMap(Self.fault(of:)).first
            ?? cards.lazy.compactMap { Self.fault(of: "card \($0.uuid)", $0.memory, $0.unit) }.first
            ?? instances.lazy.compactMap { Self.fault(of: "MIG instance \($0.id)", $0.memory, $0.unit) }.first
    }

    private static func fault(of device: String, _ memory: MiB, _ unit: MiB?) -> String? {
        if !memoryRange.contains(memory.count) { return "\(device) has \(memory.count) MiB" }
        guard let unit, !memoryRange.contains(unit.count) else { return nil }
        return "\(device) has a unit of \(unit.count) MiB"
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
