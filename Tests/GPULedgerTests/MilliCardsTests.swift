// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite struct MilliCardsTests {
    struct Slice: Sendable {
        let profile: String
        let card: Int
        let price: Int
    }

    /// Cards by the memory that `nvidia-smi` prints.
    static let slices: [Slice] = [
        Slice(profile: "1g.5gb", card: 40536, price: 143), Slice(profile: "1g.5gb+me", card: 40960, price: 143),
        Slice(profile: "1g.10gb", card: 40536, price: 250), Slice(profile: "2g.10gb", card: 40536, price: 286),
        Slice(profile: "3g.20gb", card: 40536, price: 500), Slice(profile: "4g.20gb", card: 40536, price: 572),
        Slice(profile: "7g.40gb", card: 40536, price: 1000), Slice(profile: "1g.10gb", card: 81559, price: 143),
        Slice(profile: "1g.20gb", card: 81559, price: 250), Slice(profile: "2g.20gb", card: 81920, price: 286),
        Slice(profile: "3g.40gb", card: 81559, price: 500), Slice(profile: "4g.40gb", card: 81559, price: 572),
        Slice(profile: "7g.80gb", card: 81559, price: 1000), Slice(profile: "1g.12gb", card: 95830, price: 143),
        Slice(profile: "1g.24gb", card: 95830, price: 250), Slice(profile: "3g.47gb", card: 95830, price: 500),
        Slice(profile: "7g.94gb", card: 95830, price: 1000), Slice(profile: "1g.18gb", card: 143_771, price: 143),
        Slice(profile: "1g.35gb", card: 143_771, price: 250), Slice(profile: "3g.71gb", card: 143_771, price: 500),
        Slice(profile: "1g.6gb", card: 24576, price: 250), Slice(profile: "2g.12gb", card: 24576, price: 500),
        Slice(profile: "2g.12gb+me", card: 24576, price: 500), Slice(profile: "4g.24gb", card: 24576, price: 1000),
    ]

    @Test(arguments: slices)
    func `a MIG instance costs the larger of its parts of memory and compute, rounded up`(slice: Slice) {
        let price = MilliCards.instances(
            1, of: MIGProfile(slice.profile), memory: MiB(1), onCardOf: MiB(slice.card))
        #expect(price == MilliCards(slice.price))
    }

    @Test func `a profile whose name tells nothing costs its part of the memory`() {
        for name in ["", "g.5gb", "8g.5gb", "1g", "1g.5tb", "big", "1g.99gb"] {
            let price = MilliCards.instances(2, of: MIGProfile(name), memory: MiB(10_000), onCardOf: MiB(40_000))
            #expect(price == MilliCards(500), "\(name)")
        }
    }

    @Test func `a card costs a thousand, and a number too large for that costs the most there is`() {
        #expect(MilliCards.cards(3) == MilliCards(3000))
        #expect(MilliCards.cards(.max) == MilliCards(.max))
    }

    @Test func `a share costs its part of the smallest device it may land on, rounded up`() {
        #expect(MilliCards.share(MiB(10 * gib), ofSmallest: MiB(40 * gib)) == MilliCards(250))
        #expect(MilliCards.share(MiB(1), ofSmallest: MiB(40 * gib)) == MilliCards(1))
        #expect(MilliCards.share(MiB(3333), ofSmallest: MiB(10_000)) == MilliCards(334))
        #expect(MilliCards.share(MiB(.max), ofSmallest: MiB(1)) == MilliCards(.max))
        #expect(MilliCards.share(MiB(1), ofSmallest: MiB(0)) == MilliCards(1000))
    }
}
