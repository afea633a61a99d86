// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import GPULedger

/// Placement and availability of shares held against each other and against what happens, over random pictures: with
/// headroom, cards that are kept open, cards that a device plugin chooses, and shares that it splits.
@Suite struct ShareFittingTests {
    static let seeds: [UInt64] = (1...60).map { $0 * 7919 }

    /// Some holds of a random site, whose shared pool has random terms.
    struct Site {
        var picture: Picture
        /// When each reservation ends; foreign pods have no end.
        private(set) var ends: [String: Instant] = [:]
        let demands: [Demand]

        init(seed: UInt64) throws {
            var random = SeededGenerator(seed: seed)
            let pools = [
                wholePool(),
                sharedPool(
                    unit: gib, overcommit: [100, 150].randomElement(using: &random) ?? 100,
                    sharers: .random(in: 3...6, using: &random), headroom: .random(in: 0...2, using: &random),
                    keptOpenFor: .seconds([0, 1200].randomElement(using: &random) ?? 0),
                    policy: .random(in: &random), choice: .random(in: &random),
                    splits: .random(in: 0..<3, using: &random) == 0),
            ]
            let nodes = (0..<3).map { number in
                node(
                    "n\(number)",
                    (0..<Int.random(in: 1...3, using: &random)).map { card in
                        GPULedgerTests.card(
                            "c\(number)\(card)", .random(in: 4...8, using: &random) * 2 * gib,
                            [["shared"], ["shared", "whole"], ["shared", "whole"]].randomElement(using: &random) ?? [])
                    })
            }
            let catalogue = try DeviceCatalogue(Inventory(nodes: nodes, pools: pools))
            picture = Picture(catalogue)
            let sizes = [2, 3, 5, 8, 12, 20].shuffled(using: &random).prefix(4)
            let offers = [cards(1), cards(2)] + sizes.map { share($0 * gib) } + [share(3 * gib, limit: 6 * gib)]
            demands = try offers.map { try Demand($0, in: catalogue) }
            for number in 0..<Int.random(in: 4...24, using: &random) { add(number, using: &random) }
            try addForeign(using: &random)
        }

        private mutating func add(_ number: Int, using random: inout SeededGenerator) {
            guard let demand = demands.randomElement(using: &random), let places = picture.place(demand) else { return }
            let (id, end) = ("r\(number)", noon + .seconds(300 * .random(in: 1...12, using: &random)))
            ends[id] = end
            picture.set(places.map { $0.hold(of: id, demand, until: end) }, of: id)
            guard .random(in: 0..<5, using: &random) == 0 else { return }
            ends[id] = nil
            picture.set([], of: id, endedAt: noon)
        }

        private mutating func addForeign(using random: inout SeededGenerator) throws {
            guard .random(in: 0..<3, using: &random) == 0 else { return }
            let use = ForeignUse(
                podUID: "x", namespace: "other", podName: "x", node: "n0", pool: nil, resource: "mortalgpu/shared",
                amount: .random(in: 1...6, using: &random), reason: .unsealed)
            picture.take(OutsideUse(foreign: [use]), now: noon)
        }

        /// The first time at which `demand` has a place, by letting everybody go at their ends.
        func firstPlace(for demand: Demand) -> Instant? {
            let kept = picture.catalogue[pool: "shared"]?.pool.sharedTerms?.keptOpenFor ?? .zero
            let times = Set(ends.values.flatMap { [$0, $0 + kept] } + picture.keptOpen.values).sorted()
            var later = picture
            for time in times {
                for (id, end) in ends where end == time { later.set([], of: id, endedAt: end) }
                later.advance(to: time)
                if later.place(demand) != nil { return time }
            }
            return nil
        }
    }

    @Test(arguments: seeds)
    func `as many find a place one after the other as are said to be free`(seed: UInt64) throws {
        let site = try Site(seed: seed)
        for demand in site.demands {
            var (picture, found) = (site.picture, 0)
            while let places = picture.place(demand) {
                picture.set(places.map { $0.hold(of: "extra\(found)", demand, until: nil) }, of: "extra\(found)")
                found += 1
            }
            #expect(site.picture.count(demand) == found, "seed \(seed), \(demand.amount)")
        }
    }

    @Test(arguments: seeds)
    func `as many are said to be possible as find a place where nobody has anything`(seed: UInt64) throws {
        let site = try Site(seed: seed)
        for demand in site.demands {
            #expect(site.picture.total(demand) == Picture(site.picture.catalogue).count(demand), "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `the largest share finds a place, and one unit more does not`(seed: UInt64) throws {
        let site = try Site(seed: seed)
        let largest = try #require(site.picture.largestShare(site.demands[2])?.count)
        let (fitting, larger) = (share(max(1, largest)), share(largest + gib))
        let place = try site.picture.place(Demand(fitting, in: site.picture.catalogue))
        #expect((place != nil) == (largest > 0), "seed \(seed), \(largest)")
        #expect(try site.picture.place(Demand(larger, in: site.picture.catalogue)) == nil, "seed \(seed), \(largest)")
    }

    @Test(arguments: seeds)
    func `the next free time is when one first finds a place as the others end`(seed: UInt64) throws {
        let site = try Site(seed: seed)
        for demand in site.demands where site.picture.place(demand) == nil {
            #expect(
                site.picture.nextFree(for: demand, now: noon) == site.firstPlace(for: demand)?.roundedUpToFiveMinutes,
                "seed \(seed), \(demand.amount)")
        }
    }
}

extension Pool.SharePolicy {
    fileprivate static func random(in random: inout SeededGenerator) -> Self {
        allCases.randomElement(using: &random) ?? .pack
    }
}

extension GPUBackend.CardChoice {
    fileprivate static func random(in random: inout SeededGenerator) -> Self {
        allCases.randomElement(using: &random) ?? .expected
    }
}

extension Place {
    fileprivate func hold(of id: String, _ demand: Demand, until end: Instant?) -> Hold {
        Hold(
            reservationID: id, pool: demand.pool.name, mode: demand.mode, place: self, lasts: .bound(endsBy: end))
    }
}
