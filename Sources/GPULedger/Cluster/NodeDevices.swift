// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// The devices of one node, by what it has of each resource and what its labels say of them.
///
/// No card is told apart by its resource or labels: each gets a name of its own, made of the node's UID, the resource
/// and a number, so that a node that is made anew under the same name has other devices.
struct NodeDevices {
    private let node: SeenNode
    private let pools: [Pool]
    private let terms: DeviceTerms
    private let listed: [Inventory.Card]
    /// Resources that some pool names, here or elsewhere.
    private let named: Set<String>
    private(set) var findings: [InventoryFinding] = []

    /// - Parameter pools: those whose pods may go to such nodes, but for taints.
    init(_ node: SeenNode, _ pools: [Pool], _ terms: DeviceTerms, listed: [Inventory.Card], named: Set<String>) {
        self.node = node
        self.pools = pools
        self.terms = terms
        self.listed = listed
        self.named = named
    }

    mutating func read() -> [Inventory.Card] {
        var found: [(resource: String, cards: [Inventory.Card])] = []
        for (resource, amount) in node.allocatable.sorted(by: { $0.key < $1.key }) where amount > 0 {
            found.append((resource, devices(of: resource, amount)))
        }
        noteTwice(found)
        return withCardsOnDemand(found.flatMap(\.cards))
    }

    /// Of what is cut no label says how many pieces there are.
    private mutating func noteTwice(_ found: [(resource: String, cards: [Inventory.Card])]) {
        let giving = found.filter { !$0.cards.isEmpty }
        let cards = giving.flatMap(\.cards)
        guard giving.count > 1, let count = number("gpu.count"), cards.count > count,
            label("mig.strategy") ?? "none" == "none", cards.allSatisfy(\.migInstances.isEmpty)
        else { return }
        findings.append(
            .cardsTwice(node: node.name, resources: giving.map(\.resource), cards: cards.count, of: count))
    }

    private mutating func devices(of resource: String, _ amount: Int) -> [Inventory.Card] {
        let pools = pools.filter { $0.resourceName == resource && $0.migLayout == .fixed }
        guard !pools.isEmpty else {
            if terms.gpuResourcePrefixes.contains(where: resource.hasPrefix), !named.contains(resource) {
                findings.append(.unknownResource(resource, node: node.name))
            }
            return []
        }
        // Devices behind taints that a pool does not tolerate are there, and not the pool's for as long.
        let open = open(pools)
        return made(of: resource, amount, pools).map { $0.inPools(where: open.contains) }
    }

    private func open(_ pools: [Pool]) -> Set<String> {
        Set(pools.filter { $0.tolerates(node, besides: terms.tolerations) }.map(\.name))
    }

    private mutating func made(of resource: String, _ amount: Int, _ pools: [Pool]) -> [Inventory.Card] {
        if let profile = migProfile(of: resource) { return instances(profile, amount, resource, pools) }
        return pools.contains { $0.sharedTerms != nil }
            ? sharedCards(amount, resource, pools) : wholeCards(amount, resource, pools)
    }

    private func label(_ name: String) -> String? { node.labels["nvidia.com/" + name] }
    private func number(_ name: String) -> Int? { label(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
    private var product: GPUProduct? { label("gpu.product").map(GPUProduct.init) }

    private func id(_ resource: String, _ number: Int) -> String { "\(node.uid)/\(resource)/\(number)" }
}

// MARK: - Cards that are cut on demand

extension NodeDevices {
    /// What a node offers says nothing of instances that are yet to be made, nor of the cards that they are made on:
    /// these are those that the file lists in such a pool.
    private func withCardsOnDemand(_ given: [Inventory.Card]) -> [Inventory.Card] {
        let pools = pools.filter { $0.migLayout == .onDemand }
        guard !pools.isEmpty else { return given }
        let (named, open) = (Set(pools.map(\.name)), open(pools))
        let listed = listed.filter { $0.migInstances.isEmpty && !named.isDisjoint(with: $0.pools) }
        let known = Dictionary(given.map { ($0.uuid, $0) }) { first, _ in first }
        let cut = listed.map { card in
            let others = known[card.uuid]?.pools ?? []
            return card.inPools { open.contains($0) || others.contains($0) }
        }
        let ids = Set(cut.map(\.uuid))
        return given.filter { !ids.contains($0.uuid) } + cut
    }
}

// MARK: - MIG instances

extension NodeDevices {
    private static let migStart = "nvidia.com/mig-"
    private static let card = "nvidia.com/gpu"

    /// By the resource's name in strategy `mixed`, by the product's in strategy `single`.
    private func migProfile(of resource: String) -> String? {
        if resource.hasPrefix(Self.migStart) { return String(resource.dropFirst(Self.migStart.count)) }
        return resource == Self.card ? product?.migProfile : nil
    }

    /// Which card each is on is not told: they stand on one that is made of them all.
    private mutating func instances(
        _ written: String, _ amount: Int, _ resource: String, _ pools: [Pool]
    ) -> [Inventory.Card] {
        guard written != "INVALID" else {
            findings.append(.migInvalid(node: node.name))
            return []
        }
        // Names of resources and labels have a point for the plus.
        let profile = MIGProfile(written.hasSuffix(".me") ? written.dropLast(3) + "+me" : written)
        let (fitting, others) = pools.stablePartition { $0.mode == .mig(profile) }
        for pool in others { refuse(pool) }
        guard !fitting.isEmpty else { return [] }
        let memory =
            number("mig-\(written).memory") ?? (resource == Self.card ? number("gpu.memory") : nil)
            ?? profile.nominalMemory
        let known = listed.flatMap(\.migInstances).filter { $0.profile == profile }
        note(listed: known.count, amount, resource)
        let instances = (0..<amount).map { index in
            Inventory.MIGInstance(
                id: index < known.count ? known[index].id : id(resource, index), profile: profile,
                memory: index < known.count ? known[index].memory : MiB(memory), pools: fitting.map(\.name))
        }
        return [
            Inventory.Card(
                uuid: "\(node.uid)/\(resource)", product: product?.model ?? "",
                memory: memoryOfOneCard(cutInto: profile) ?? MiB(memory), pools: [], migInstances: instances)
        ]
    }

    /// What an instance costs depends on it. In strategy `single` the label says what an instance has.
    private func memoryOfOneCard(cutInto profile: MIGProfile) -> MiB? {
        let told = product?.migProfile == nil ? number("gpu.memory").map { MiB($0) } : nil
        return told ?? product?.cardMemory ?? MIGSlices.usualCardMemory(for: profile)
    }
}

extension MIGProfile {
    /// What the name says, in MiB; a driver gives a little less. At least 1.
    fileprivate var nominalMemory: Int {
        let size = name.split(separator: ".").dropFirst().first ?? ""
        return max(1, (Int(size.prefix { $0.isNumber }) ?? 0) * 1024)
    }
}

// MARK: - Cards

extension NodeDevices {
    private mutating func wholeCards(_ amount: Int, _ resource: String, _ pools: [Pool]) -> [Inventory.Card] {
        let sharing = label("gpu.sharing-strategy") ?? "none"
        let isShared = product?.isShared == true || sharing != "none" || (number("gpu.replicas") ?? 1) > 1
        let (fitting, others) = pools.stablePartition { $0.mode == .whole && !isShared }
        for pool in others { refuse(pool) }
        guard !fitting.isEmpty else { return [] }
        return cards(amount, resource, fitting, memory: nil)
    }

    /// Cards of as many units as the pool says, or the labels.
    private mutating func sharedCards(_ amount: Int, _ resource: String, _ pools: [Pool]) -> [Inventory.Card] {
        let (sharing, others) = pools.stablePartition { $0.sharedTerms != nil }
        for pool in others { refuse(pool) }
        guard let pool = sharing.first, let unit = pool.sharedTerms?.unit else { return [] }
        guard let units = unitsPerCard(amount, resource, pool) else {
            findings.append(.cardsUnknown(pool: pool.name, node: node.name))
            return []
        }
        if amount % units != 0 {
            findings.append(.unitsLeftOver(pool: pool.name, node: node.name, units: amount % units))
        }
        if let whole = number("gpu.memory"), unit.count * units > whole {
            findings.append(
                .unitTooLarge(pool: pool.name, node: node.name, unit: unit, most: MiB(whole / units)))
            return []
        }
        return cards(amount / units, resource, sharing, memory: MiB(unit.count * units))
    }

    private func unitsPerCard(_ amount: Int, _ resource: String, _ pool: Pool) -> Int? {
        if let units = terms.unitsPerDevice[pool.name] { return units }
        if resource.hasPrefix(Self.card), let replicas = number("gpu.replicas") { return replicas }
        return number("gpu.count").flatMap { amount % $0 == 0 ? amount / $0 : nil }
    }

    /// - Parameter memory: nil takes what the labels say; what nobody knows is 1 MiB, which no share fits in.
    private mutating func cards(
        _ amount: Int, _ resource: String, _ pools: [Pool], memory: MiB?
    ) -> [Inventory.Card] {
        let names = pools.map(\.name)
        let known = listed.filter { $0.migInstances.isEmpty && !Set($0.pools).isDisjoint(with: names) }
        note(listed: known.count, amount, resource)
        return (0..<amount).map { index in
            guard index < known.count else {
                return Inventory.Card(
                    uuid: id(resource, index), product: product?.model ?? "",
                    memory: memory ?? MiB(number("gpu.memory") ?? 1), pools: names, migInstances: [])
            }
            let card = known[index]
            return Inventory.Card(
                uuid: card.uuid, product: card.product, memory: min(card.memory, memory ?? card.memory), pools: names,
                migInstances: [])
        }
    }

    private mutating func refuse(_ pool: Pool) {
        findings.append(.unlike(pool: pool.name, node: node.name, product: label("gpu.product") ?? "no product"))
    }

    private mutating func note(listed: Int, _ amount: Int, _ resource: String) {
        guard listed > 0, listed != amount else { return }
        findings.append(.listedDiffers(node: node.name, resource: resource, listed: listed, seen: amount))
    }
}

extension [Pool] {
    /// Those for which it is so, and the others, each in their order.
    fileprivate func stablePartition(_ isSo: (Pool) -> Bool) -> ([Pool], [Pool]) {
        (filter(isSo), filter { !isSo($0) })
    }
}
