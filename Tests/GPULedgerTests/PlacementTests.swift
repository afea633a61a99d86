// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct PlacementTests {
    let scratch = Scratch()

    func ledger(_ nodes: [Inventory.Node], _ pools: [Pool]) throws -> Ledger {
        try Ledger(scratch.store, inventory: Inventory(nodes: nodes, pools: pools))
    }

    @Test func `a whole card comes from the node with the fewest free cards`() async throws {
        let ledger = try ledger(
            [
                node("a", [card("a0", ["whole"]), card("a1", ["whole"]), card("a2", ["whole"])]),
                node("b", [card("b0", ["whole"]), card("b1", ["whole"])]),
            ],
            [wholePool()]
        )
        #expect(try await ledger.devices(cards(1), for: "ana") == ["b0"])
        #expect(try await ledger.devices(cards(1), for: "bo") == ["b1"])
        #expect(try await ledger.devices(cards(3), for: "cy") == ["a0", "a1", "a2"])
    }

    @Test func `of nodes with equally few free cards the one in use is taken, then the first by name`() async throws {
        let ledger = try ledger(
            [
                node("a", [card("a0", ["whole"])]),
                node("b", [card("b0", ["whole"]), card("b1", ["other"])]),
                node("c", [card("c0", ["whole"])]),
            ],
            [wholePool(), wholePool("other")]
        )
        #expect(try await ledger.devices(cards(1, from: "other"), for: "ana") == ["b1"])
        #expect(try await ledger.devices(cards(1), for: "bo") == ["b0"])
        #expect(try await ledger.devices(cards(1), for: "cy") == ["a0"])
    }

    @Test func `several cards are all on one node, or refused as fragmented`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["whole"])]), node("b", [card("b0", ["whole"])])],
            [wholePool()]
        )
        let shortage = try await ledger.reserve(request(cards(2))).shortage
        #expect(shortage?.reason == .tooLarge)

        try await ledger.replace(
            inventory: Inventory(
                nodes: [
                    node("a", [card("a0", ["whole"]), card("a1", ["whole"])]),
                    node("b", [card("b0", ["whole"]), card("b1", ["whole"])]),
                ],
                pools: [wholePool()]
            )
        )
        for user in ["ana", "bo"] { #expect(try await ledger.devices(cards(1), for: user).count == 1) }
        #expect(try await ledger.devices(cards(2), for: "cy") == ["b0", "b1"])
        _ = try await ledger.release(server("cy"), start: nil, now: noon)
        #expect(try await ledger.devices(cards(1), for: "di") == ["b0"])
        _ = try await ledger.release(server("ana"), start: nil, now: noon)

        let refused = try #require(try await ledger.reserve(request(cards(2), for: "ed")).shortage)
        #expect(refused.reason == .fragmented)
        #expect(refused.freeNow == 2)
    }

    @Test func `shares fill a device that is shared already before another is opened`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["shared"]), card("a1", ["shared"])])],
            [sharedPool()]
        )
        #expect(try await ledger.devices(share(10 * gib), for: "ana") == ["a0"])
        #expect(try await ledger.devices(share(20 * gib), for: "bo") == ["a0"])
        #expect(try await ledger.devices(share(20 * gib), for: "cy") == ["a1"])
        #expect(try await ledger.devices(share(10 * gib), for: "di") == ["a0"])
        #expect(try await ledger.devices(share(10 * gib), for: "ed") == ["a1"])
    }

    @Test func `a share opens a card that nobody can have whole before one that somebody can`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["shared", "whole"]), card("a1", ["shared"])])],
            [sharedPool(), wholePool()]
        )
        #expect(try await ledger.devices(share(10 * gib), for: "ana") == ["a1"])
        #expect(try await ledger.devices(cards(1), for: "bo") == ["a0"])
    }

    @Test func `a share request is rounded up to whole units and a limit is never below it`() async throws {
        let ledger = try ledger([node("a", [card("a0", 4 * gib, ["shared"])])], [sharedPool(unit: gib)])
        let held = try #require(try await ledger.hold(request(share(1025))))
        #expect(held.placement == [.init(node: "a", device: "a0", units: 2)])
        #expect(held.gpu == share(1025))
        #expect(ledger.availability(of: share(1)).largestShareNow == MiB(2 * gib))
        #expect(ledger.availability(of: share(1025)).freeNow == 1)
    }

    @Test func `a share that fills the device exactly is granted, one MiB more is not`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["shared"])])], [sharedPool()])
        #expect(try await ledger.devices(share(30 * gib), for: "ana") == ["a0"])
        #expect(try await ledger.reserve(request(share(10 * gib + 1), for: "bo")).shortage?.reason == .full)
        #expect(try await ledger.devices(share(10 * gib), for: "bo") == ["a0"])
    }

    @Test func `limits add up to the overcommit and no single one exceeds the card`() async throws {
        let pool = sharedPool(overcommit: 150)
        let ledger = try ledger([node("a", [card("a0", ["shared"])])], [pool])
        #expect(try await ledger.reserve(request(share(gib, limit: 41 * gib))).shortage?.reason == .tooLarge)
        #expect(try await ledger.devices(share(gib, limit: 40 * gib), for: "ana") == ["a0"])
        #expect(try await ledger.reserve(request(share(gib, limit: 20 * gib + 1), for: "bo")).shortage?.reason == .full)
        #expect(try await ledger.devices(share(gib, limit: 20 * gib), for: "bo") == ["a0"])
    }

    @Test func `no more share a device than may`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["shared"])])], [sharedPool(sharers: 2)])
        #expect(try await ledger.devices(share(1), for: "ana") == ["a0"])
        #expect(try await ledger.devices(share(1), for: "bo") == ["a0"])
        #expect(try await ledger.devices(share(1), for: "cy") == [])
        #expect(ledger.availability(of: share(1)).largestShareNow == MiB(0))
    }

    @Test func `a card in two pools is whole or shared, never both`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["shared", "whole"])])],
            [sharedPool(), wholePool()]
        )
        #expect(try await ledger.devices(share(gib), for: "ana") == ["a0"])
        #expect(try await ledger.devices(cards(1), for: "bo") == [])
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await ledger.devices(cards(1), for: "bo") == ["a0"])
        #expect(try await ledger.devices(share(gib), for: "cy") == [])
    }

    @Test func `MIG instances come from the most used card, so that others drain`() async throws {
        let cut = { (card: String) in (0..<2).map { instance("\(card)-\($0)", "1g.10gb", 10 * gib, ["mig"]) } }
        let ledger = try ledger(
            [
                node("a", [card("a0", [], mig: cut("a0")), card("a1", [], mig: cut("a1"))]),
                node("b", [card("b0", [], mig: cut("b0") + [instance("big", "3g.20gb", 20 * gib, ["big"])])]),
            ],
            [migPool("mig", "1g.10gb"), migPool("big", "3g.20gb")]
        )
        #expect(try await ledger.devices(instances(1, from: "big"), for: "ana") == ["big"])
        #expect(try await ledger.devices(instances(1, from: "mig"), for: "bo") == ["b0-0"])
        #expect(try await ledger.devices(instances(1, from: "mig"), for: "cy") == ["b0-1"])
        #expect(try await ledger.devices(instances(3, from: "mig"), for: "di") == ["a0-0", "a0-1", "a1-0"])
        #expect(ledger.availability(of: instances(1, from: "mig")).freeNow == 1)
    }

    @Test func `a pool never gives an instance of another profile`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", [], mig: [instance("i", "2g.20gb", 20 * gib, ["mig"])])])],
            [migPool("mig", "1g.10gb")]
        )
        #expect(try await ledger.reserve(request(instances(1, from: "mig"))).shortage?.reason == .tooLarge)
    }

    @Test func `a MIG instance is shared or exclusive, and its card is never whole`() async throws {
        let ledger = try ledger(
            [
                node(
                    "a",
                    [
                        card(
                            "a0",
                            ["whole"],
                            mig: [
                                instance("i0", "3g.20gb", 20 * gib, ["mig", "shared"]),
                                instance("i1", "3g.20gb", 20 * gib, ["mig", "shared"]),
                            ]
                        )
                    ]
                )
            ],
            [wholePool(), migPool("mig", "3g.20gb"), sharedPool()]
        )
        #expect(try await ledger.devices(share(5 * gib), for: "ana") == ["i0"])
        #expect(try await ledger.devices(instances(1, from: "mig"), for: "bo") == ["i1"])
        #expect(try await ledger.devices(share(5 * gib), for: "cy") == ["i0"])
        #expect(try await ledger.reserve(request(cards(1), for: "di")).shortage?.reason == .tooLarge)
        #expect(try await ledger.reserve(request(share(15 * gib), for: "ed")).shortage?.reason == .full)
    }

    @Test func `an amount that the pool does not give is an error, not a shortage`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["shared", "whole"])])], [sharedPool(), wholePool()])
        for wrong in [
            cards(1, from: "shared"), share(1, from: "whole"), instances(1, from: "whole"), cards(0), cards(-1),
            share(0),
            share(2, limit: 1),
        ] {
            await #expect(throws: LedgerError.self) { try await ledger.reserve(request(wrong)) }
        }
        await #expect(throws: LedgerError.unknownPool("none")) {
            try await ledger.reserve(request(cards(1, from: "none")))
        }
    }

    @Test func `the largest number there is, is too large and nothing worse`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["shared", "whole"])])],
            [sharedPool(unit: 1000), wholePool()]
        )
        for amount in [share(.max), share(1, limit: .max), cards(.max)] {
            #expect(try await ledger.reserve(request(amount)).shortage?.reason == .tooLarge)
        }
    }

    /// The numbers of a card with 81559 MiB, where rounding to GiB would grant what does not fit.
    @Test func `shares are compared in MiB and one must fit on one card`() async throws {
        let size = 81559
        let ledger = try ledger(
            [node("n", [card("card-0", size, ["shared"]), card("card-1", size, ["shared"])])],
            [sharedPool()]
        )
        #expect(try await ledger.devices(share(40960), for: "user-a") == ["card-0"])
        #expect(try await ledger.devices(share(61440), for: "user-b") == ["card-1"])

        #expect(try await ledger.devices(share(20480), for: "user-o1") == ["card-0"])
        let larger = try #require(try await ledger.reserve(request(share(38912), for: "user-o2")).shortage)
        #expect(larger.reason == .fragmented)
        #expect(larger.largestShareNow == MiB(20119))
        let again = try #require(try await ledger.reserve(request(share(20480), for: "user-o3")).shortage)
        #expect(again.largestShareNow == MiB(20119))
        #expect(try await ledger.reservations(includingEnded: true).count == 3)
    }
}
