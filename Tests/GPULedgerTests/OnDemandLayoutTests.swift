// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import GPULedger

/// One card through every layout, on the ledger itself.
@Suite(.onEachStore) struct OnDemandLayoutTests {
    let lab = OnDemandTests()

    private static let shapes = MIGShapeTests.base
    /// Of a profile the pool that gives it.
    private static let poolNames = Dictionary(
        uniqueKeysWithValues: zip(shapes.map(\.profile), OnDemandTests.names))

    /// NVIDIA's 19, written down by hand.
    static let maximal = [
        "1g@0 1g@1 1g@2 1g@3 1g@4 1g@5 1g@6", "1g@0 1g@1 1g@2 1g@3 2g@4 1g@6", "1g@0 1g@1 1g@2 1g@3 3g@4",
        "1g@0 1g@1 2g@2 1g@4 1g@5 1g@6", "1g@0 1g@1 2g@2 2g@4 1g@6", "1g@0 1g@1 2g@2 3g@4",
        "2g@0 1g@2 1g@3 1g@4 1g@5 1g@6", "2g@0 1g@2 1g@3 2g@4 1g@6", "2g@0 1g@2 1g@3 3g@4",
        "2g@0 2g@2 1g@4 1g@5 1g@6", "2g@0 2g@2 2g@4 1g@6", "2g@0 2g@2 3g@4", "3g@0 1g@4 1g@5 1g@6", "3g@0 2g@4 1g@6",
        "3g@0 3g@4", "4g@0 1g@4 1g@5 1g@6", "4g@0 2g@4 1g@6", "4g@0 3g@4", "7g@0",
    ]
    /// Another arrangement of the same would leave room.
    static let deadEnds = ["3g@0 1g@4 1g@5 1g@6", "3g@0 2g@4 1g@6"]

    static func written(_ layout: Set<MIGSlot>) -> String {
        layout.sorted { $0.start < $1.start }.map { "\($0.profile.name.prefix(2))@\($0.start)" }
            .joined(separator: " ")
    }

    enum Step {
        case take(MIGSlot)
        case give(MIGSlot)
    }

    /// The shortest way to each layout by what always takes the highest start, and gives back.
    static func ways() -> [Set<MIGSlot>: [Step]] {
        var ways: [Set<MIGSlot>: [Step]] = [[]: []]
        var next: [Set<MIGSlot>] = [[]]
        while !next.isEmpty {
            let layout = next.removeFirst()
            let taken = shapes.compactMap { shape in
                MIGShapeTests.occupancy(layout).starts(for: shape).last.map { shape.slot(at: $0) }
            }
            let steps =
                taken.map { (layout.union([$0]), Step.take($0)) }
                + layout.map { (layout.subtracting([$0]), Step.give($0)) }
            for (other, step) in steps where ways[other] == nil {
                ways[other] = (ways[layout] ?? []) + [step]
                next.append(other)
            }
        }
        return ways
    }

    private func device(_ slot: MIGSlot) -> String { "a0/\(slot.profile)@\(slot.start)" }

    private func go(_ steps: [Step], _ ledger: Ledger) async throws {
        for (number, step) in steps.enumerated() {
            switch step {
            case .take(let slot):
                let wanted = request(
                    instances(1, from: Self.poolNames[slot.profile] ?? ""), for: "u\(slot.profile)@\(slot.start)",
                    start: "s\(number)")
                #expect(try await ledger.hold(wanted)?.placement.map(\.device) == [device(slot)])
            case .give(let slot):
                _ = try await ledger.release(server("u\(slot.profile)@\(slot.start)"), start: nil, now: noon)
            }
        }
    }

    @Test func `a card is filled in each of the 19 maximal layouts, and takes nothing more`() async throws {
        let ways = Self.ways()
        #expect(ways.count == 298)
        let maximal = MIGShapeTests.maximal(of: Self.shapes)
        #expect(Set(maximal.map(Self.written)) == Set(Self.maximal))
        for layout in maximal {
            let lab = OnDemandTests()
            let ledger = try lab.ledger()
            try await go(try #require(ways[layout]), ledger)
            #expect(try await lab.live(ledger) == Set(layout.map(device)))
            #expect(lab.free(ledger) == [0, 0, 0, 0, 0], "\(Self.written(layout))")
            for pool in OnDemandTests.names {
                #expect(try await ledger.hold(request(instances(1, from: pool), for: "more")) == nil)
            }
            let one = ledger.availability(of: instances(1, from: "1g"))
            let isDeadEnd = Self.deadEnds.contains(Self.written(layout))
            #expect(one.limitedBy == (isDeadEnd ? .fragmentation : .capacity), "\(Self.written(layout))")
            await ledger.close()
        }
    }

    /// Each order in which each combination that fits a card can come.
    static func orders() -> Set<[MIGProfile]> {
        var orders: Set<[MIGProfile]> = []
        for layout in MIGShapeTests.all(of: shapes) {
            var some: Set<[MIGProfile]> = [[]]
            for slot in layout {
                some = Set(
                    some.flatMap { order in
                        (0...order.count).map { Array(order[..<$0]) + [slot.profile] + Array(order[$0...]) }
                    })
            }
            orders.formUnion(some)
        }
        return orders
    }

    @Test func `of the 114 orders in which what fits a card can come, 15 get stuck`() async throws {
        let orders = Self.orders()
        #expect(orders.count == 114)
        let ledger = try lab.ledger()
        var stuck = 0
        for (number, order) in orders.enumerated() {
            var given = 0
            while given < order.count,
                try await ledger.hold(
                    request(
                        instances(1, from: Self.poolNames[order[given]] ?? ""), for: "u\(given)", start: "\(number)"))
                    != nil
            { given += 1 }
            stuck += given < order.count ? 1 : 0
            for user in 0..<given { _ = try await ledger.release(server("u\(user)"), start: nil, now: noon) }
        }
        #expect(stuck == 15)
    }

    /// The lowest start, which some drivers take by themselves, is what this is better than.
    @Test func `by the lowest start 27 would`() {
        let shapes = Dictionary(uniqueKeysWithValues: Self.shapes.map { ($0.profile, $0) })
        let stuck = Self.orders().count { order in
            var occupancy = MIGOccupancy()
            return !order.allSatisfy { profile in
                guard let shape = shapes[profile], let start = occupancy.starts(for: shape).first else { return false }
                occupancy.take(shape.slot(at: start))
                return true
            }
        }
        #expect(stuck == 27)
    }
}
