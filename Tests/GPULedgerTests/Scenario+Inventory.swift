// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

extension Scenario {
    /// Small enough to be full most of the time. The first is the whole site; in the others a node is gone, a card has
    /// shrunk, and cards were cut or joined.
    static let inventories: [Inventory] = [
        Inventory(nodes: [first, second, third], pools: pools),
        Inventory(nodes: [first, third], pools: pools),
        Inventory(
            nodes: [first, second, node("c", [card("c0", 24 * gib, both), card("c1", ["shared"])])],
            pools: pools
        ),
        Inventory(
            nodes: [node("a", [card("a0", both), card("a1", [], mig: cut("a1"))]), second, third],
            pools: pools
        ),
        Inventory(nodes: [first, node("b", [card("b0", ["whole"]), card("b1", both)]), third], pools: pools),
    ]

    /// What is asked for; nil is a server without a GPU in one of so many.
    static let offers: [GPURequest] = [
        cards(1), cards(2), share(10 * gib, limit: 20 * gib), share(15 * gib + 1), share(4 * gib, limit: 40 * gib),
        share(8 * gib, from: "dense"), instances(1, from: "mig"), instances(2, from: "mig"),
        share(3 * gib, limit: 6 * gib, from: "dense"), instances(1, from: "small"), instances(3, from: "small"),
        instances(1, from: "half"),
    ]

    private static let both = ["whole", "shared", "dense"]
    private static let any = ["whole", "small", "half"]
    private static let pools = [
        wholePool(), migPool("mig", "1g.10gb"), sharedPool(unit: 512, overcommit: 150, sharers: 4),
        sharedPool("dense", unit: 1024, overcommit: 100, sharers: 3), cutPool("small", "1g.5gb"),
        cutPool("half", "3g.20gb"),
    ]
    private static let first = node("a", [card("a0", both), card("a1", any)])
    private static let second = node("b", [card("b0", any), card("b1", [], mig: cut("b1"))])
    private static let third = node("c", [card("c0", both + ["half"]), card("c1", ["shared"])])

    private static func cut(_ card: String) -> [Inventory.MIGInstance] {
        (0..<3).map { instance("\(card)/\($0)", "1g.10gb", 10 * gib, $0 == 0 ? ["mig", "dense"] : ["mig"]) }
            + [instance("\(card)/3", "3g.20gb", 20 * gib, ["shared"])]
    }
}
