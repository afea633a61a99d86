// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Which card a share is on, where Berth expects one and the device plugin chooses.
@Suite(.onEachStore) struct CardChoiceTests {
    let scratch = Scratch()

    func ledger(_ cards: Int, _ pool: Pool) throws -> Ledger {
        let cards = (0..<cards).map { card("a\($0)", ["shared"]) }
        return try Ledger(scratch.store, inventory: Inventory(nodes: [node("a", cards)], pools: [pool]))
    }

    /// A device plugin that does not split, and puts a share on any card that has room.
    struct Plugin {
        private var shares: [String: (card: Int, memory: Int)] = [:]
        private let cards: Int
        private var random: SeededGenerator

        init(cards: Int, seed: UInt64) { (self.cards, random) = (cards, SeededGenerator(seed: seed)) }

        /// False when no card has room.
        mutating func start(_ user: String, _ memory: Int) -> Bool {
            let fitting = (0..<cards).filter { card in
                shares.values.reduce(0) { $0 + ($1.card == card ? $1.memory : 0) } + memory <= 40 * gib
            }
            guard let card = fitting.randomElement(using: &random) else { return false }
            shares[user] = (card, memory)
            return true
        }

        mutating func stop(_ user: String) { shares[user] = nil }
    }

    /// How many of those that were granted found no card.
    private func failures(_ choice: GPUBackend.CardChoice, seed: UInt64) async throws -> (granted: Int, failed: Int) {
        let scratch = Scratch()
        let ledger = try Ledger(
            scratch.store,
            inventory: Inventory(
                nodes: [node("a", (0..<3).map { card("a\($0)", ["shared"]) })],
                pools: [sharedPool(unit: gib, choice: choice)]))
        var (plugin, random) = (Plugin(cards: 3, seed: seed), SeededGenerator(seed: seed))
        var (running, granted, failed): ([String], Int, Int) = ([], 0, 0)
        for step in 0..<60 {
            if let user = running.randomElement(using: &random), .random(in: 0..<3, using: &random) == 0 {
                _ = try await ledger.release(server(user), start: nil, now: noon)
                plugin.stop(user)
                running.removeAll { $0 == user }
            }
            let (user, size) = ("user-\(step)", [5, 10, 20].randomElement(using: &random) ?? 5)
            guard try await ledger.hold(request(share(size * gib), for: user)) != nil else { continue }
            granted += 1
            if plugin.start(user, size * gib) {
                running.append(user)
            } else {
                failed += 1
                _ = try await ledger.release(server(user), start: nil, now: noon)
            }
        }
        await ledger.close()
        return (granted, failed)
    }

    @Test func `what is granted finds a card, whichever the device plugin has given to the others`() async throws {
        var sums = (certain: 0, failed: 0)
        for seed: UInt64 in [7919, 15838, 23757] {
            let certain = try await failures(.unknown, seed: seed)
            #expect(certain.failed == 0, "seed \(seed)")
            sums.certain += certain.granted
            sums.failed += try await failures(.expected, seed: seed).failed
        }
        #expect(sums.certain > 60)
        // Else this plugin would prove nothing.
        #expect(sums.failed > 0)
    }

    @Test func `shares of one size fill the cards although nobody knows where they are`() async throws {
        let ledger = try ledger(3, sharedPool(choice: .unknown))
        #expect(ledger.availability(of: share(10 * gib)).freeNow == 12)
        for number in 0..<12 { #expect(try await ledger.devices(share(10 * gib), for: "user-\(number)").count == 1) }
        #expect(ledger.availability(of: share(10 * gib)).freeNow == 0)
    }

    @Test func `what may find no card is not said to be free, and is refused as fragmented`() async throws {
        let ledger = try ledger(2, sharedPool(choice: .unknown))
        for user in ["ana", "bo", "cy", "di"] {
            _ = try await ledger.hold(request(share(10 * gib), for: user, walltime: .seconds(3600), holdFor: .zero))
        }
        let offer = ledger.availability(of: share(30 * gib))
        #expect(offer.freeNow == 0 && offer.limitedBy == .fragmentation)
        #expect(offer.largestShareNow == MiB(20 * gib))
        // Three of them leave 30 GiB on one card, wherever they are.
        #expect(offer.nextFreeBy == noon + .seconds(3600))
        let shortage = try await ledger.reserve(request(share(30 * gib), for: "ed")).shortage
        #expect(shortage?.reason == .fragmented && shortage?.nextFreeBy == offer.nextFreeBy)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(ledger.availability(of: share(30 * gib)).freeNow == 1)
        #expect(try await ledger.devices(share(30 * gib), for: "ed").count == 1)
    }

    @Test func `a stranger's units may be on any card`() async throws {
        let inventory = { (choice: GPUBackend.CardChoice) in
            Inventory(
                nodes: [node("a", [card("a0", ["shared"]), card("a1", ["shared"])])],
                pools: [sharedPool(unit: gib, choice: choice)])
        }
        for (choice, free) in [(.expected, 1), (.unknown, 0)] as [(GPUBackend.CardChoice, Int)] {
            var stage = try await Stage.seen(inventory(choice))
            stage.pods["x"] = stray("x", on: "a", ["mortalgpu/shared": 22])
            try await stage.pass(5)
            #expect(stage.free(share(30 * gib)) == free)
        }
    }

    // MARK: - Shares that the device plugin splits

    @Test func `where the plugin splits shares the node's sum decides`() async throws {
        let ledger = try ledger(2, sharedPool(unit: gib, splits: true))
        #expect(ledger.availability(of: share(60 * gib)).freeNow == 1)
        #expect(ledger.availability(of: share(60 * gib)).largestShareNow == MiB(80 * gib))
        let held = try #require(try await ledger.hold(request(share(60 * gib), for: "ana")))
        #expect(Set(held.placement.map(\.device)) == ["a0", "a1"])
        #expect(held.placement.map(\.units).sorted() == [20, 40])
        #expect(held.charge?.milliCards == 1500)
        #expect(ledger.availability(of: share(15 * gib)).freeNow == 1)
        #expect(try await ledger.devices(share(20 * gib), for: "bo") == ["a1"])
        #expect(try await ledger.reserve(request(share(gib), for: "cy")).shortage?.reason == .full)
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        #expect(ledger.availability(of: share(30 * gib)).freeNow == 2)
    }

    @Test func `a share goes on one card where one has room`() async throws {
        let ledger = try ledger(2, sharedPool(unit: gib, splits: true))
        for user in ["ana", "bo"] { #expect(try await ledger.devices(share(30 * gib), for: user).count == 1) }
        #expect(try await ledger.devices(share(10 * gib), for: "cy") == ["a0"])
        #expect(try await ledger.devices(share(5 * gib), for: "di") == ["a1"])
        #expect(try await ledger.reserve(request(share(6 * gib), for: "ed")).shortage?.reason == .full)
    }
}
