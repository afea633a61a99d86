// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What tells devices of nodes, beside the nodes' own labels and the pools.
package struct DeviceTerms: Sendable, Hashable {
    /// By pool: how many units of its resource are one card.
    package var unitsPerDevice: [String: Int] = [:]
    /// A JSON array: what every pod tolerates, whatever its pool.
    package var tolerations = JSON.emptyArray
    /// Starts of the names of GPU resources; one that no pool names is told of.
    package var gpuResourcePrefixes: [String] = []
    /// Nodes of the file. It knows UUIDs and memory better than labels do.
    package var listed: [Inventory.Node] = []

    package init() {}
}

/// The inventory that a cluster's nodes make, and what is odd about them.
package struct SeenInventory: Sendable, Hashable {
    package let inventory: Inventory
    package let findings: [InventoryFinding]
}

extension SeenInventory {
    /// The same for the same nodes, whatever their order.
    package init(of standings: [NodeStanding], pools: [Pool], _ terms: DeviceTerms) {
        let products = PoolProducts(of: standings, pools)
        let listed = Dictionary(terms.listed.map { ($0.name, $0) }) { first, _ in first }
        let named = Set(pools.map(\.resourceName))
        var nodes: [Inventory.Node] = []
        var findings = products.findings
        for standing in standings.sorted(by: { $0.node.name < $1.node.name }) {
            let matching = pools.filter { $0.selects(standing.node) && products.fit($0, standing.node) }
            var reader = NodeDevices(
                standing.node, matching, terms, listed: listed[standing.node.name]?.cards ?? [], named: named)
            let cards = reader.read()
            findings += standing.findings + reader.findings
            guard !cards.isEmpty else { continue }
            nodes.append(
                Inventory.Node(
                    name: standing.node.name, cards: standing.isSteady ? cards : cards.map(\.inNoPool)))
        }
        inventory = Inventory(nodes: nodes, pools: pools)
        self.findings = findings
    }
}

extension Inventory.Card {
    /// There, so that what is held on it is borne, and given to nobody.
    fileprivate var inNoPool: Inventory.Card { inPools { _ in false } }

    /// With those of its pools for which it is so.
    func inPools(where isSo: (String) -> Bool) -> Inventory.Card {
        Inventory.Card(
            uuid: uuid, product: product, memory: memory, pools: pools.filter(isSo),
            migInstances: migInstances.map {
                Inventory.MIGInstance(id: $0.id, profile: $0.profile, memory: $0.memory, pools: $0.pools.filter(isSo))
            })
    }
}

extension Inventory {
    /// For nodes of which no history is known. Where they change, `NodeHistory` and `SeenInventory` know more.
    package init(seen nodes: [SeenNode], pools: [Pool], _ terms: DeviceTerms = DeviceTerms()) {
        var history = NodeHistory()
        self = SeenInventory(of: history.standings(of: nodes, pools: pools, at: .now), pools: pools, terms).inventory
    }
}

extension Pool {
    /// Whether its pods go to such nodes.
    func selects(_ node: SeenNode) -> Bool {
        (migLayout == .onDemand || node.allocatable[resourceName] != nil)
            && (nodeSelector.object ?? [:]).allSatisfy { label, value in node.labels[label] == value.string }
    }

    /// Whether its pods are placed there in spite of the node's taints; those by which Kubernetes tells that a node is
    /// not well for now are another matter.
    func tolerates(_ node: SeenNode, besides everywhere: JSON) -> Bool {
        let tolerations = (tolerations.array ?? []) + (everywhere.array ?? [])
        return node.taints.allSatisfy { taint in
            taint.effect == "PreferNoSchedule" || taint.key == "node.kubernetes.io/unschedulable"
                || tolerations.contains { taint.isTolerated(by: $0) }
        }
    }
}

extension SeenNode.Taint {
    /// As the scheduler matches them: an operator `Exists` leaves the value out, an empty key or effect matches any.
    fileprivate func isTolerated(by toleration: JSON) -> Bool {
        let effect = toleration["effect"]?.string ?? ""
        guard effect.isEmpty || effect == self.effect else { return false }
        let key = toleration["key"]?.string ?? ""
        if toleration["operator"]?.string == "Exists" { return key.isEmpty || key == self.key }
        return key == self.key && (toleration["value"]?.string ?? "") == value
    }
}

/// The product that each pool is made of: a pool's devices are interchangeable, so that one that labels tell to be
/// another is none of it.
private struct PoolProducts {
    private var kept: [String: String] = [:]
    private(set) var findings: [InventoryFinding] = []

    init(of standings: [NodeStanding], _ pools: [Pool]) {
        // Cards that are cut on demand are listed one by one.
        for pool in pools where pool.migLayout == .fixed {
            let nodes = standings.map(\.node).filter(pool.selects).sorted { $0.name < $1.name }
            let amounts = nodes.reduce(into: [String: Int]()) { amounts, node in
                guard let product = node.gpuProduct else { return }
                amounts[product, default: 0] += node.allocatable[pool.resourceName] ?? 0
            }
            guard let most = amounts.min(by: { ($1.value, $0.key) < ($0.value, $1.key) })?.key else { continue }
            kept[pool.name] = most
            findings += nodes.compactMap { node in
                guard let other = node.gpuProduct, other != most else { return nil }
                return .mixedProducts(pool: pool.name, product: most, node: node.name, other: other)
            }
        }
    }

    func fit(_ pool: Pool, _ node: SeenNode) -> Bool {
        guard let product = node.gpuProduct, let kept = kept[pool.name] else { return true }
        return product == kept
    }
}

extension SeenNode {
    /// The model, without what sharing and MIG add to its name; nil where no label says.
    fileprivate var gpuProduct: String? { labels["nvidia.com/gpu.product"].map { GPUProduct($0).model } }
}

/// What GPU feature discovery calls a product: `NVIDIA-A100-SXM4-40GB`, `…-SHARED`, `…-MIG-1g.5gb`.
struct GPUProduct {
    let model: String
    /// In MIG strategy `single`: the shape of all that the node has; `INVALID` where there is none.
    let migProfile: String?
    let isShared: Bool

    init(_ label: String) {
        isShared = label.hasSuffix("-SHARED")
        let name = isShared ? String(label.dropLast("-SHARED".count)) : label
        guard let mark = name.firstRange(of: "-MIG-") else {
            (model, migProfile) = (name, nil)
            return
        }
        model = String(name[..<mark.lowerBound])
        migProfile = String(name[mark.upperBound...])
    }

    /// Where the name has it: `A100-SXM4-40GB`, `H100-80GB-HBM3`.
    var cardMemory: MiB? {
        let sizes = model.split(separator: "-").lazy.filter { $0.hasSuffix("GB") }.compactMap { Int($0.dropLast(2)) }
        return sizes.first { (1...4096).contains($0) }.map { MiB($0 * 1024) }
    }
}
