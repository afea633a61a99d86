// SPDX-License-Identifier: Apache-2.0
import GPULedger
import JSONTree
import SpawnModel
import Testing

/// What nodes make of pools, by their resources and labels.
struct SeenInventoryTests {
    private let whole = pool("whole", .whole, "nvidia.com/gpu")

    private static func pool(
        _ name: String, _ mode: Pool.Mode, _ resource: String, selector: JSON = .emptyObject,
        tolerations: JSON = .emptyArray
    ) -> Pool {
        Pool(
            name: name, displayName: name, mode: mode, resourceName: resource, nodeSelector: selector,
            tolerations: tolerations)
    }

    private func node(
        _ allocatable: [String: Int], _ name: String = "a", uid: String = "u", labels: [String: String] = [:],
        taints: [SeenNode.Taint] = [], isVirtual: Bool = false
    ) -> SeenNode {
        SeenNode(
            name: name, uid: uid, labels: labels, taints: taints, allocatable: allocatable, isVirtual: isVirtual)
    }

    private func seen(_ nodes: [SeenNode], _ pools: [Pool], _ terms: DeviceTerms = DeviceTerms()) -> SeenInventory {
        var history = NodeHistory()
        return SeenInventory(of: history.standings(of: nodes, at: .now), pools: pools, terms)
    }

    @Test func `whole cards have the memory of the label and names of the node's UID`() {
        let labels = ["nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB", "nvidia.com/gpu.memory": "40960"]
        let found = seen([node(["nvidia.com/gpu": 2], uid: "u1", labels: labels)], [whole])
        let cards = found.inventory.nodes.flatMap(\.cards)
        #expect(cards.map(\.uuid) == ["u1/nvidia.com/gpu/0", "u1/nvidia.com/gpu/1"])
        #expect(cards.allSatisfy { $0.memory == MiB(40960) && $0.pools == ["whole"] })
        #expect(found.findings.isEmpty)
        let again = seen([node(["nvidia.com/gpu": 2], uid: "u2", labels: labels)], [whole])
        #expect(Set(again.inventory.nodes.flatMap(\.cards).map(\.uuid)).isDisjoint(with: cards.map(\.uuid)))
    }

    @Test func `a node of another selector, and a virtual one, are in no pool`() {
        let pool = Self.pool("whole", .whole, "nvidia.com/gpu", selector: ["gpu": "a100"])
        let gpu = ["nvidia.com/gpu": 1]
        let nodes = [
            node(gpu, "a", uid: "1", labels: ["gpu": "a100"]), node(gpu, "b", uid: "2", labels: ["gpu": "v100"]),
            node(gpu, "c", uid: "3", labels: ["gpu": "a100"], isVirtual: true),
        ]
        #expect(seen(nodes, [pool]).inventory.nodes.map(\.name) == ["a"])
    }

    @Test func `cards that two device plugins give are told of`() {
        let shares = Self.pool(
            "shares", .shared(.init(unit: MiB(1024), overcommitPercent: 100, sharersMax: 8)), "mortalgpu/a100")
        let labels = ["nvidia.com/gpu.count": "2", "nvidia.com/gpu.memory": "40960"]
        let twice = seen([node(["nvidia.com/gpu": 2, "mortalgpu/a100": 80], labels: labels)], [whole, shares])
        #expect(
            twice.findings == [
                .cardsTwice(node: "a", resources: ["mortalgpu/a100", "nvidia.com/gpu"], cards: 4, of: 2)
            ])
        #expect(seen([node(["nvidia.com/gpu": 2], labels: labels)], [whole, shares]).findings.isEmpty)
        // Partitions that are shared are more than there are cards.
        let cut = labels.merging(["nvidia.com/mig.strategy": "mixed"]) { $1 }
        let both = seen([node(["nvidia.com/gpu": 2, "mortalgpu/a100": 80], labels: cut)], [whole, shares])
        #expect(both.findings.isEmpty)
    }

    @Test func `devices behind a taint are there, and of those pools only that tolerate it`() {
        let taint = SeenNode.Taint(key: "gpu", value: "yes", effect: "NoSchedule")
        let tolerant = Self.pool(
            "tolerant", .whole, "nvidia.com/gpu", tolerations: [["key": "gpu", "operator": "Exists"]])
        let other = Self.pool(
            "other", .whole, "nvidia.com/gpu", tolerations: [["key": "gpu", "value": "no", "effect": "NoSchedule"]])
        let cards = seen([node(["nvidia.com/gpu": 1], taints: [taint])], [whole, tolerant, other]).inventory.nodes
            .flatMap(\.cards)
        #expect(cards.map(\.pools) == [["tolerant"]])
    }

    @Test(arguments: [
        ("mixed: the label", ["nvidia.com/mig-3g.20gb": 4], ["nvidia.com/gpu.memory": "40960"], "3g.20gb", 500),
        (
            "single: the name", ["nvidia.com/gpu": 4], ["nvidia.com/gpu.product": "A100-80GB-MIG-1g.20gb"], "1g.20gb",
            250
        ),
        ("nothing told", ["nvidia.com/mig-3g.71gb": 2], [:], "3g.71gb", 500),
        ("an A30", ["nvidia.com/gpu": 8], ["nvidia.com/gpu.product": "NVIDIA-A30-MIG-1g.6gb"], "1g.6gb", 250),
    ]) func `an instance costs its part of one card, however many the node has`(
        how: String, allocatable: [String: Int], labels: [String: String], profile: String, price: Int
    ) {
        let resource = allocatable.keys.first ?? ""
        let pool = Self.pool("small", .mig(MIGProfile(profile)), resource)
        let cards = seen([node(allocatable, labels: labels)], [pool]).inventory.nodes.flatMap(\.cards)
        let prices = cards.flatMap { card in
            card.migInstances.map {
                MilliCards.instances(1, of: $0.profile, memory: $0.memory, onCardOf: card.memory).count
            }
        }
        #expect(Set(prices) == [price], "\(how)")
    }

    @Test func `MIG instances are those of strategy mixed by resource, and of single by product`() {
        let small = Self.pool("small", .mig(MIGProfile("1g.5gb")), "nvidia.com/mig-1g.5gb")
        let media = Self.pool("media", .mig(MIGProfile("1g.5gb+me")), "nvidia.com/mig-1g.5gb.me")
        let single = Self.pool("single", .mig(MIGProfile("1g.5gb")), "nvidia.com/gpu")
        let mixed = node(
            ["nvidia.com/mig-1g.5gb": 3, "nvidia.com/mig-1g.5gb.me": 1], "a", uid: "1",
            labels: ["nvidia.com/mig-1g.5gb.memory": "4864"])
        let uniform = node(
            ["nvidia.com/gpu": 7], "b", uid: "2",
            labels: ["nvidia.com/gpu.product": "A100-SXM4-40GB-MIG-1g.5gb", "nvidia.com/gpu.memory": "4864"])
        let found = seen([mixed, uniform], [small, media, single, whole])
        let instances = found.inventory.nodes.flatMap(\.cards).flatMap(\.migInstances)
        #expect(instances.count { $0.pools == ["small"] && $0.memory == MiB(4864) } == 3)
        #expect(instances.count { $0.pools == ["media"] && $0.profile.name == "1g.5gb+me" } == 1)
        #expect(instances.count { $0.pools == ["single"] } == 7)
        #expect(found.findings.contains { if case .unlike(pool: "whole", node: "b", _) = $0 { true } else { false } })
    }

    @Test func `cards that are shared are no whole cards`() {
        let shared = node(["nvidia.com/gpu": 10], labels: ["nvidia.com/gpu.product": "T4-SHARED"])
        #expect(seen([shared], [whole]).inventory.nodes.isEmpty)
        let sliced = node(["nvidia.com/gpu": 10], labels: ["nvidia.com/gpu.sharing-strategy": "time-slicing"])
        #expect(seen([sliced], [whole]).inventory.nodes.isEmpty)
    }

    private func shared(unit: Int) -> Pool {
        Self.pool(
            "shared", .shared(.init(unit: MiB(unit), overcommitPercent: 100, sharersMax: 8)), "mortalgpu/v100")
    }

    @Test func `units are cards by the configuration, else by the label's count, else not at all`() {
        var terms = DeviceTerms()
        terms.unitsPerDevice = ["shared": 320]
        let cards = seen([node(["mortalgpu/v100": 640])], [shared(unit: 100)], terms).inventory.nodes.flatMap(\.cards)
        #expect(cards.map(\.memory) == [MiB(32000), MiB(32000)])
        let counted = node(["mortalgpu/v100": 640], labels: ["nvidia.com/gpu.count": "4"])
        #expect(seen([counted], [shared(unit: 100)]).inventory.nodes.flatMap(\.cards).count == 4)
        let unknown = seen([node(["mortalgpu/v100": 640])], [shared(unit: 100)])
        #expect(unknown.inventory.nodes.isEmpty)
        #expect(unknown.findings == [.cardsUnknown(pool: "shared", node: "a")])
    }

    @Test func `E25: a unit that is more than the card's is refused there, and a smaller one is what counts`() {
        let labels = ["nvidia.com/gpu.count": "1", "nvidia.com/gpu.memory": "32768"]
        let node = self.node(["mortalgpu/v100": 400], labels: labels)
        let refused = seen([node], [shared(unit: 100)])
        #expect(refused.inventory.nodes.isEmpty)
        #expect(refused.findings == [.unitTooLarge(pool: "shared", node: "a", unit: MiB(100), most: MiB(81))])
        #expect(seen([node], [shared(unit: 80)]).inventory.nodes.flatMap(\.cards).map(\.memory) == [MiB(32000)])
    }

    @Test func `E24: a pool is made of one product: nodes with another are left out, with words`() {
        let nodes = [
            node(["nvidia.com/gpu": 1], "a", uid: "1", labels: ["nvidia.com/gpu.product": "V100"]),
            node(["nvidia.com/gpu": 4], "b", uid: "2", labels: ["nvidia.com/gpu.product": "A100"]),
        ]
        let found = seen(nodes, [whole])
        #expect(found.inventory.nodes.map(\.name) == ["b"])
        #expect(found.findings == [.mixedProducts(pool: "whole", product: "A100", node: "a", other: "V100")])
    }

    @Test func `the file's UUIDs and memory stand for what labels do not say`() {
        var terms = DeviceTerms()
        terms.listed = [Inventory.Node(name: "a", cards: [card("GPU-1", 40536, ["whole"])])]
        let found = seen([node(["nvidia.com/gpu": 2])], [whole], terms)
        #expect(found.inventory.nodes.flatMap(\.cards).map(\.uuid) == ["GPU-1", "u/nvidia.com/gpu/1"])
        #expect(found.inventory.nodes.flatMap(\.cards).first?.memory == MiB(40536))
        #expect(found.findings == [.listedDiffers(node: "a", resource: "nvidia.com/gpu", listed: 1, seen: 2)])
    }
}

/// What only time tells of nodes.
struct NodeHistoryTests {
    private let start = ContinuousClock.now

    private func node(_ allocatable: [String: Int], _ labels: [String: String] = [:]) -> SeenNode {
        SeenNode(name: "a", uid: "u", labels: labels, allocatable: allocatable)
    }

    @Test func `what falls to nothing is withheld at once, and gone after a minute only`() {
        var history = NodeHistory()
        let look = { (amount: Int, seconds: Int) in
            history.standings(of: [self.node(["nvidia.com/gpu": amount])], at: self.start + .seconds(seconds))[0]
        }
        #expect(look(4, 0).isSteady)
        #expect(!look(0, 10).isSteady && look(0, 10).node.allocatable == ["nvidia.com/gpu": 4])
        #expect(!look(0, 69).isSteady)
        #expect(look(4, 69).isSteady)
        _ = look(0, 80)
        let gone = look(0, 140)
        #expect(gone.isSteady && gone.node.allocatable == ["nvidia.com/gpu": 0])
        #expect(look(3, 150).node.allocatable == ["nvidia.com/gpu": 3])
    }

    /// E23.
    @Test func `a renamed resource is told of where no pool names it`() {
        var history = NodeHistory()
        var terms = DeviceTerms()
        terms.gpuResourcePrefixes = ["nvidia.com/"]
        let nodes = [node(["nvidia.com/gpu": 0, "nvidia.com/gpu.shared": 40])]
        let found = SeenInventory(of: history.standings(of: nodes, at: start), pools: [wholePool()], terms)
        #expect(found.inventory.nodes.isEmpty)
        #expect(found.findings == [.unknownResource("nvidia.com/gpu.shared", node: "a")])
    }

    /// E22.
    @Test func `a MIG layout that is changing is withheld, and told of after 15 minutes`() {
        var history = NodeHistory()
        let look = { (layout: String, state: String, seconds: Int) in
            let labels = ["nvidia.com/mig.config": layout, "nvidia.com/mig.config.state": state]
            return history.standings(
                of: [self.node(["nvidia.com/gpu": 1], labels)], at: self.start + .seconds(seconds))[0]
        }
        #expect(look("all-1g.5gb", "success", 0).isSteady)
        // The manager has not seen the new label yet.
        #expect(!look("all-balanced", "success", 1).isSteady)
        #expect(!look("all-balanced", "pending", 5).isSteady)
        #expect(look("all-balanced", "pending", 905).findings.isEmpty)
        #expect(look("all-balanced", "pending", 906).findings == [.migPending(node: "a")])
        #expect(look("all-balanced", "success", 910).isSteady)
    }

    /// E22.
    @Test func `what the former MIG layout had is gone when the new one is there`() {
        var history = NodeHistory()
        let look = { (allocatable: [String: Int], state: String, seconds: Int) in
            let labels = ["nvidia.com/mig.config": "all-3g.20gb", "nvidia.com/mig.config.state": state]
            return history.standings(of: [self.node(allocatable, labels)], at: self.start + .seconds(seconds))[0]
        }
        let (old, new) = ("nvidia.com/mig-1g.5gb", "nvidia.com/mig-3g.20gb")
        _ = look([old: 7], "pending", 0)
        #expect(look([old: 0], "pending", 1).node.allocatable == [old: 7])
        let done = look([old: 0, new: 2], "success", 2)
        #expect(done.isSteady && done.node.allocatable == [old: 0, new: 2])
    }

    @Test func `a manager that tells its state alone is believed`() {
        var history = NodeHistory()
        let node = node(["nvidia.com/gpu": 1], ["nvidia.com/mig.config.state": "success"])
        for seconds in 0..<3 {
            #expect(history.standings(of: [node], at: start + .seconds(seconds))[0].isSteady)
        }
    }
}
