// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct AvailabilityTests {
    let scratch = Scratch()

    func ledger(_ nodes: [Inventory.Node], _ pools: [Pool]) throws -> Ledger {
        try Ledger(scratch.store, inventory: Inventory(nodes: nodes, pools: pools))
    }

    @Test func `what is free is counted in sessions, not in memory`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["shared"]), card("a1", ["shared"])])],
            [sharedPool()]
        )
        #expect(ledger.availability(of: share(15 * gib)).freeNow == 4)
        _ = try await ledger.hold(request(share(30 * gib), for: "ana"))
        _ = try await ledger.hold(request(share(28 * gib), for: "bo"))
        let offer = ledger.availability(of: share(15 * gib))
        #expect(offer.freeNow == 0)
        #expect(offer.total == 4)
        #expect(offer.limitedBy == .fragmentation)
        #expect(offer.largestShareNow == MiB(12 * gib))
        #expect(ledger.availability(of: share(30 * gib)).limitedBy == .capacity)
    }

    @Test func `the next free time is the latest end that lets the request in, in steps of five minutes`() async throws
    {
        let ledger = try ledger([node("a", [card("a0", ["whole"]), card("a1", ["whole"])])], [wholePool()])
        let bound = try #require(try await ledger.hold(request(cards(1), for: "ana", walltime: .seconds(7200))))
        _ = try await ledger.bind(bound.id, server: server("ana"), now: noon + .seconds(1))
        #expect(ledger.availability(of: cards(1)).nextFreeBy == nil)
        #expect(ledger.availability(of: cards(2)).nextFreeBy == noon + .seconds(7500))

        // Held: its walltime may begin as late as its hold ends.
        _ = try await ledger.hold(request(cards(1), for: "bo", walltime: .seconds(600), holdFor: .seconds(330)))
        #expect(ledger.availability(of: cards(1)).nextFreeBy == noon + .seconds(1200))
        #expect(ledger.availability(of: cards(2)).nextFreeBy == noon + .seconds(7500))
        #expect(try await ledger.reserve(request(cards(1), for: "cy")).shortage?.nextFreeBy == noon + .seconds(1200))
    }

    @Test func `a blocker without an end leaves the next free time unsaid`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["whole"])])], [wholePool()])
        let held = try #require(try await ledger.hold(request(cards(1), walltime: nil)))
        #expect(ledger.availability(of: cards(1)).nextFreeBy == nil)
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        #expect(ledger.availability(of: cards(1)).nextFreeBy == nil)
    }

    @Test func `one that has outlived its walltime has no end`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["whole"])])], [wholePool()])
        let held = try #require(try await ledger.hold(request(cards(1))))
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        #expect(ledger.availability(of: cards(1), now: noon + .seconds(3599)).nextFreeBy == noon + .seconds(3600))
        #expect(ledger.availability(of: cards(1), now: noon + .seconds(3600)).nextFreeBy == nil)
    }

    @Test func `a share's next free time waits for as many sharers as are in its way`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["shared"])])], [sharedPool()])
        for (user, hours) in [("ana", 3), ("bo", 1), ("cy", 2)] {
            let held = try #require(
                try await ledger.hold(request(share(12 * gib), for: user, walltime: .seconds(3600 * hours)))
            )
            _ = try await ledger.bind(held.id, server: server(user), now: noon)
        }
        #expect(ledger.availability(of: share(12 * gib)).nextFreeBy == noon + .seconds(3600))
        #expect(ledger.availability(of: share(20 * gib)).nextFreeBy == noon + .seconds(7200))
        #expect(ledger.availability(of: share(40 * gib)).nextFreeBy == noon + .seconds(10800))
    }

    @Test func `what can never fit has a total of zero and no time`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["whole"])])], [wholePool()])
        for request in [cards(2), cards(1, from: "none"), share(1, from: "whole")] {
            let offer = ledger.availability(of: request)
            #expect(offer.total == 0)
            #expect(offer.freeNow == 0)
            #expect(offer.nextFreeBy == nil)
        }
    }

    @Test func `a reservation on a device that has gone is kept and counted as a deficit`() async throws {
        let ledger = try ledger(
            [node("a", [card("a0", ["whole"])]), node("b", [card("b0", ["whole"])])],
            [wholePool()]
        )
        let held = try #require(try await ledger.hold(request(cards(1))))
        #expect(ledger.availability(of: cards(1)).deficit == 0)
        try await ledger.replace(
            inventory: Inventory(nodes: [node("b", [card("b0", ["whole"])])], pools: [wholePool()])
        )
        #expect(ledger.availability(of: cards(1)).deficit == 1)
        #expect(ledger.availability(of: cards(1)).freeNow == 1)
        #expect(try await ledger.reservation(held.id) == held)
    }

    @Test func `a card that was cut into instances under its user gives none of them until he ends`() async throws {
        let pools = [wholePool(), migPool("mig", "1g.10gb")]
        let ledger = try ledger([node("a", [card("a0", ["whole"])])], pools)
        _ = try await ledger.hold(request(cards(1)))
        let cut = [instance("i0", "1g.10gb", 10 * gib, ["mig"])]
        try await ledger.replace(inventory: Inventory(nodes: [node("a", [card("a0", [], mig: cut)])], pools: pools))
        #expect(ledger.availability(of: instances(1, from: "mig")).freeNow == 0)
        #expect(ledger.availability(of: cards(1)).deficit == 1)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(ledger.availability(of: instances(1, from: "mig")).freeNow == 1)

        // And back: an instance that is held keeps the card from being given whole.
        _ = try await ledger.hold(request(instances(1, from: "mig"), for: "bo"))
        try await ledger.replace(inventory: Inventory(nodes: [node("a", [card("a0", ["whole"])])], pools: pools))
        #expect(ledger.availability(of: cards(1)).freeNow == 0)
        #expect(ledger.availability(of: instances(1, from: "mig")).deficit == 1)
    }

    @Test func `a card that has shrunk below its shares takes no more and says so`() async throws {
        let ledger = try ledger([node("a", [card("a0", ["shared"])])], [sharedPool()])
        _ = try await ledger.hold(request(share(30 * gib)))
        try await ledger.replace(
            inventory: Inventory(nodes: [node("a", [card("a0", 20 * gib, ["shared"])])], pools: [sharedPool()])
        )
        let offer = ledger.availability(of: share(1))
        #expect(offer.deficit == 1)
        #expect(offer.freeNow == 0)
        #expect(offer.largestShareNow == MiB(0))
    }

    @Test func `counts stop at a bound`() throws {
        let ledger = try ledger([node("a", [card("a0", 1 << 32, ["shared"])])], [sharedPool(sharers: 100_000)])
        #expect(ledger.availability(of: share(1)).freeNow == Availability.countMax)
    }
}
