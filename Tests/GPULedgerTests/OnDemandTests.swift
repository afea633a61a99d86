// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import GPULedger

/// MIG instances that are made when servers want them.
@Suite(.onEachStore) struct OnDemandTests {
    static let pools = [
        cutPool("1g", "1g.5gb"), cutPool("2g", "2g.10gb"), cutPool("3g", "3g.20gb"), cutPool("4g", "4g.20gb"),
        cutPool("7g", "7g.40gb"),
    ]
    static let names = pools.map(\.name)

    let scratch = Scratch()

    /// Cards of 40 GiB by node, each in all of the pools.
    func ledger(_ nodes: [String: [String]] = ["a": ["a0"]], whole: Bool = false) throws -> Ledger {
        let pools = Self.names + (whole ? ["whole"] : [])
        let all = nodes.sorted { $0.key < $1.key }.map { name, cards in node(name, cards.map { card($0, pools) }) }
        return try Ledger(
            scratch.store, inventory: Inventory(nodes: all, pools: Self.pools + (whole ? [wholePool()] : [])))
    }

    func live(_ ledger: Ledger) async throws -> Set<String> {
        Set(try await ledger.reservations(includingEnded: false).flatMap(\.placement).map(\.device))
    }

    /// Of each pool in order how many could start now.
    func free(_ ledger: Ledger) -> [Int] {
        ledger.availability(of: Self.names.map { instances(1, from: $0) }, now: noon).map(\.freeNow)
    }

    @Test func `an empty card gives as many of each profile as it has starts, and loses what overlaps`() async throws {
        let ledger = try ledger()
        #expect(free(ledger) == [7, 3, 2, 1, 1])
        let rows = ledger.availability(of: Self.names.map { instances(1, from: $0) }, now: noon)
        #expect(rows.map(\.total) == [7, 3, 2, 1, 1])
        #expect(try await ledger.devices(instances(1, from: "1g"), for: "ana") == ["a0/1g.5gb@6"])
        #expect(free(ledger) == [6, 3, 1, 1, 0])
        #expect(try await ledger.devices(instances(1, from: "3g"), for: "bo") == ["a0/3g.20gb@0"])
        #expect(free(ledger) == [2, 1, 0, 0, 0])
        let held = try #require(try await ledger.hold(request(instances(2, from: "1g"), for: "cy")))
        #expect(held.placement.map(\.device) == ["a0/1g.5gb@4", "a0/1g.5gb@5"])
        #expect(held.placement.map(\.onDemandCard) == ["a0", "a0"])
        #expect(held.charge?.milliCards == 2 * 143 && held.charge?.memory == MiB(2 * 5 * gib))
        #expect(free(ledger) == [0, 0, 0, 0, 0])
    }

    @Test func `what is released is given again, and a restart forgets nothing`() async throws {
        var ledger = try ledger()
        #expect(try await ledger.devices(instances(1, from: "3g"), for: "ana") == ["a0/3g.20gb@4"])
        #expect(try await ledger.devices(instances(1, from: "4g"), for: "bo") == ["a0/4g.20gb@0"])
        await ledger.close()
        ledger = try self.ledger()
        #expect(free(ledger) == [0, 0, 0, 0, 0])
        #expect(try await live(ledger) == ["a0/3g.20gb@4", "a0/4g.20gb@0"])
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(free(ledger) == [3, 1, 1, 0, 0])
        #expect(try await ledger.devices(instances(1, from: "3g"), for: "cy") == ["a0/3g.20gb@4"])
    }

    @Test func `a whole card is refused while an instance lives on it, and an instance while somebody has it whole`()
        async throws
    {
        let ledger = try ledger(whole: true)
        #expect(try await ledger.devices(cards(1), for: "ana") == ["a0"])
        #expect(free(ledger) == [0, 0, 0, 0, 0])
        let shortage = try await ledger.reserve(request(instances(1, from: "1g"), for: "bo")).shortage
        #expect(shortage?.reason == .full)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await ledger.devices(instances(1, from: "1g"), for: "bo") == ["a0/1g.5gb@6"])
        #expect(ledger.availability(of: cards(1)).freeNow == 0)
        #expect(try await ledger.hold(request(cards(1), for: "cy")) == nil)
        _ = try await ledger.release(server("bo"), start: nil, now: noon)
        #expect(try await ledger.devices(cards(1), for: "cy") == ["a0"])
    }

    @Test func `the fullest card that has a start is taken, whichever pool filled it, then the first by name`()
        async throws
    {
        let ledger = try ledger(["a": ["a0", "a1"], "b": ["b0"]])
        #expect(try await ledger.devices(instances(1, from: "1g"), for: "ana") == ["a0/1g.5gb@6"])
        #expect(try await ledger.devices(instances(1, from: "4g"), for: "bo") == ["a0/4g.20gb@0"])
        #expect(try await ledger.devices(instances(1, from: "3g"), for: "cy") == ["a1/3g.20gb@4"])
        #expect(try await ledger.devices(instances(1, from: "2g"), for: "di") == ["a0/2g.10gb@4"])
        #expect(try await ledger.devices(instances(1, from: "7g"), for: "eve") == ["b0/7g.40gb@0"])
        // All on one node: of a0 nothing is left, of a1 the lower half.
        #expect(try await ledger.devices(instances(4, from: "1g"), for: "flo").count == 4)
        #expect(ledger.poolFigures(now: noon).first { $0.pool == "1g" }?.capacity == 21)
        #expect(ledger.accounts(now: noon).allSatisfy { $0.deficit == MiB(0) })
        #expect(ledger.accounts(now: noon).map(\.free) == [MiB(5 * gib), MiB(0), MiB(0)])
    }

    @Test func `free memory without a start is told as fragmentation, and a card that is all given as full`()
        async throws
    {
        let ledger = try ledger()
        // A 3g at 0, which comes of a 3g at 4 that has gone.
        for user in ["ana", "bo"] { _ = try await ledger.hold(request(instances(1, from: "3g"), for: user)) }
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(try await live(ledger) == ["a0/3g.20gb@0"])
        _ = try await ledger.hold(request(instances(3, from: "1g"), for: "cy"))
        let one = instances(1, from: "1g")
        #expect(ledger.availability(of: one).limitedBy == .fragmentation)
        #expect(try await ledger.reserve(request(one, for: "di")).shortage?.reason == .fragmented)
        _ = try await ledger.release(server("bo"), start: nil, now: noon)
        _ = try await ledger.hold(request(instances(4, from: "1g"), for: "di"))
        // An eighth of the memory is left, and no compute slice for it.
        #expect(ledger.availability(of: one).limitedBy == .capacity)
        #expect(try await ledger.reserve(request(one, for: "eve")).shortage?.reason == .full)
        #expect(try await ledger.reserve(request(instances(8, from: "1g"), for: "eve")).shortage?.reason == .tooLarge)
    }

    @Test func `the next free time is that at which a start is free, not that at which something ends`() async throws {
        let ledger = try ledger()
        let hours = { (count: Int) in Duration.seconds(count * 3600) }
        for (user, pool, walltime) in [("ana", "3g", hours(3)), ("bo", "2g", hours(2)), ("cy", "1g", hours(1))] {
            let held = try #require(
                try await ledger.hold(request(instances(1, from: pool), for: user, walltime: walltime)))
            _ = try await ledger.bind(held.id, server: held.server, now: noon)
        }
        #expect(try await live(ledger) == ["a0/3g.20gb@4", "a0/2g.10gb@2", "a0/1g.5gb@1"])
        let next = { (pool: String) in ledger.availability(of: instances(1, from: pool)).nextFreeBy }
        #expect(next("2g") == noon + hours(1))
        #expect(next("4g") == noon + hours(2))
        #expect(next("7g") == noon + hours(3))
        #expect(ledger.availability(of: instances(1, from: "1g")).freeNow == 1)
    }

    @Test func `media engines are given once a card`() async throws {
        let pools = [cutPool("media", "1g.5gb+me"), cutPool("1g", "1g.5gb")]
        let ledger = try Ledger(
            scratch.store,
            inventory: Inventory(
                nodes: [node("a", [card("a0", ["media", "1g"]), card("a1", ["media"])])], pools: pools))
        #expect(ledger.availability(of: instances(1, from: "media")).total == 2)
        #expect(try await ledger.devices(instances(1, from: "media"), for: "ana") == ["a0/1g.5gb+me@6"])
        #expect(try await ledger.devices(instances(2, from: "media"), for: "bo") == [])
        #expect(try await ledger.devices(instances(1, from: "media"), for: "bo") == ["a1/1g.5gb+me@6"])
        #expect(ledger.availability(of: instances(1, from: "1g")).freeNow == 6)
        #expect(try await ledger.reserve(request(instances(1, from: "media"), for: "cy")).shortage?.reason == .full)
    }

    @Test func `a card that has gone, or is cut by hand now, leaves its instances as a deficit`() async throws {
        let ledger = try ledger()
        _ = try await ledger.hold(request(instances(2, from: "1g"), for: "ana"))
        for cards in [[card("a0", [], mig: [instance("i", "3g.20gb", 20 * gib, ["fixed"])])], []] {
            try await ledger.replace(
                inventory: Inventory(nodes: [node("a", cards)], pools: Self.pools + [migPool("fixed", "3g.20gb")]))
            #expect(ledger.availability(of: instances(1, from: "1g")).deficit == 1)
        }
    }
}
