// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

extension Reading {
    /// A node with the items that its devices were read from.
    struct ReadNode {
        let node: Inventory.Node
        /// One a card, in its order.
        let cards: [Item]
    }

    mutating func nodes(_ item: Item?) -> [ReadNode] {
        var ids: [(key: String, item: Item)] = []
        let nodes = (item?.members ?? []).map { name, item in
            let cards = (item["cards"]?.elements ?? []).compactMap { one in card(one, &ids).map { (one, $0) } }
            return ReadNode(node: Inventory.Node(name: name, cards: cards.map(\.1)), cards: cards.map(\.0))
        }
        refuseRepeats(ids, "device id")
        return nodes
    }

    private mutating func card(_ item: Item, _ ids: inout [(key: String, item: Item)]) -> Inventory.Card? {
        guard let uuid = item.text("uuid"), let memory = item.memory("memory") else { return nil }
        ids.append((uuid, item["uuid"] ?? item))
        var numbers: [String: Int] = [:]
        let mig = (item["mig"]?.elements ?? []).flatMap { instances($0, of: uuid, &numbers, &ids) }
        let sum = mig.reduce(MiB(0)) { $0 + $1.memory }
        if sum > memory, let written = item["mig"] {
            fault(
                written, "the MIG instances have \(sum) together, the card \(memory)",
                "Write the memory that `nvidia-smi` prints for each.", atKey: true)
        }
        if !mig.isEmpty, let pools = item["pools"], !pools.elements.isEmpty {
            fault(
                pools, "a card that is split into MIG instances is in no pool itself",
                "Name the pools of its instances under `mig`.", atKey: true)
        }
        return Inventory.Card(
            uuid: uuid, product: item.text("product") ?? "", memory: memory, pools: pools(item), migInstances: mig)
    }

    private mutating func instances(
        _ item: Item, of uuid: String, _ numbers: inout [String: Int], _ ids: inout [(key: String, item: Item)]
    ) -> [Inventory.MIGInstance] {
        guard let profile = item.text("profile"), let memory = item.memory("memory") else { return [] }
        let given = item.texts("ids")
        let count = item.integer("count") ?? given?.count ?? 1
        if let given, given.count != count, let written = item["ids"] {
            fault(
                written, "names \(given.count) ids for \(count) instances", "Name one id for each, or leave `ids` out.",
                atKey: true)
        }
        let pools = pools(item)
        return (0..<count).map { number in
            let id = given.flatMap { number < $0.count ? $0[number] : nil } ?? made(uuid, profile, &numbers)
            ids.append((id, item["ids"] ?? item))
            return Inventory.MIGInstance(id: id, profile: MIGProfile(profile), memory: memory, pools: pools)
        }
    }

    /// `GPU-…/1g.10gb/0`, numbered on from entry to entry of one shape.
    private func made(_ uuid: String, _ profile: String, _ numbers: inout [String: Int]) -> String {
        defer { numbers[profile, default: 0] += 1 }
        return "\(uuid)/\(profile)/\(numbers[profile, default: 0])"
    }

    /// The pools of a card or MIG instance, without those that are not defined.
    private mutating func pools(_ item: Item) -> [String] {
        let items = item["pools"]?.elements ?? []
        let known = items.compactMap { reference($0, to: names.pools, "pool", "Define it under `pools`.") }
        refuseRepeats(items.compactMap { one in one.text.map { ($0, one) } }, "pool")
        return known
    }
}

// MARK: - Devices against the pools they are in

extension Reading {
    mutating func checkPlaces(_ nodes: [ReadNode], _ pools: [Pool]) {
        let known = Dictionary(pools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for node in nodes {
            for (card, item) in zip(node.node.cards, node.cards) {
                checkCard(item, card, known)
                for instances in item["mig"]?.elements ?? [] { checkInstances(instances, known) }
                checkUnits(item, card.pools, pools)
            }
        }
    }

    private mutating func checkCard(_ item: Item, _ card: Inventory.Card, _ known: [String: Pool]) {
        for written in item["pools"]?.elements ?? [] {
            guard let pool = written.text.flatMap({ known[$0] }), case .mig(let profile) = pool.mode else { continue }
            switch pool.migLayout {
            case .onDemand: checkCut(written, card, profile)
            case .fixed:
                fault(
                    written, "the pool is made of MIG instances \(profile), and this is a card",
                    "Put it under `mig` with `profile: \(profile)`, or name another pool.")
            }
        }
    }

    private mutating func checkInstances(_ item: Item, _ known: [String: Pool]) {
        guard let profile = item.text("profile") else { return }
        for pool in item["pools"]?.elements ?? [] {
            let named = pool.text.flatMap { known[$0] }
            if named?.migLayout == .onDemand {
                refuseInstances(pool)
                continue
            }
            switch named?.mode {
            case .mig(let wanted) where wanted.name != profile:
                fault(
                    pool, "the pool is made of MIG instances \(wanted), and these are \(profile)",
                    "Name a pool with `mig_profile: \(profile)`.")
            case .whole:
                fault(
                    pool, "the pool is made of whole cards, and these are MIG instances",
                    "Name a pool in mode `mig` or `shared`.")
            default: break
            }
        }
    }

    /// Two shared pools on one device must count it in the same unit.
    private mutating func checkUnits(_ item: Item, _ names: [String], _ pools: [Pool]) {
        let units = Set(
            pools.filter { names.contains($0.name) }.compactMap { pool -> MiB? in
                if case .shared(let terms) = pool.mode { terms.unit } else { nil }
            })
        guard units.count > 1, let written = item["pools"] else { return }
        let list = units.sorted().map(\.description).joined(separator: ", ")
        fault(
            written, "the card is in shared pools with units of different sizes (\(list))",
            "Give these pools one unit, or the card one shared pool.", atKey: true)
    }
}
