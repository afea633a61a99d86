// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import GPULedger

/// Every way to cut a card, from the start slots alone.
@Suite struct MIGShapeTests {
    /// Of a card of 40 GiB.
    static let base = shapes(["1g.5gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"])
    static let double = shapes(["1g.10gb"])
    static let media = shapes(["1g.5gb+me"])
    static let quarters = shapes(["1g.6gb", "2g.12gb", "4g.24gb"], cardMemory: 24 * gib)

    static func shapes(_ profiles: [String], cardMemory: Int = 40 * gib) -> [MIGShape] {
        profiles.compactMap { MIGShape(MIGProfile($0), cardMemory: MiB(cardMemory)) }
    }

    struct Count: Sendable {
        let shapes: [MIGShape]
        let layouts: Int
        let combinations: Int?
        let maximal: Int
        let maximalCombinations: Int
    }

    /// Enumerated from NVIDIA's start slots by a script that knows nothing of this code.
    static let counts = [
        Count(shapes: base, layouts: 298, combinations: 38, maximal: 19, maximalCombinations: 12),
        Count(shapes: base + double, layouts: 723, combinations: nil, maximal: 78, maximalCombinations: 28),
        Count(shapes: base + double + media, layouts: 2319, combinations: nil, maximal: 239, maximalCombinations: 44),
        Count(shapes: quarters, layouts: 26, combinations: 10, maximal: 5, maximalCombinations: 4),
    ]

    static func occupancy(_ layout: Set<MIGSlot>) -> MIGOccupancy {
        layout.reduce(into: MIGOccupancy()) { $0.take($1) }
    }

    static func all(of shapes: [MIGShape]) -> Set<Set<MIGSlot>> {
        var (found, next): (Set<Set<MIGSlot>>, [Set<MIGSlot>]) = ([[]], [[]])
        while let layout = next.popLast() {
            for shape in shapes {
                for start in occupancy(layout).starts(for: shape) {
                    let more = layout.union([shape.slot(at: start)])
                    if found.insert(more).inserted { next.append(more) }
                }
            }
        }
        return found
    }

    static func maximal(of shapes: [MIGShape]) -> Set<Set<MIGSlot>> {
        all(of: shapes).filter { layout in shapes.allSatisfy { occupancy(layout).starts(for: $0).isEmpty } }
    }

    static func combination(_ layout: Set<MIGSlot>) -> [String] { layout.map(\.profile.name).sorted() }

    @Test(arguments: counts)
    func `there are as many layouts as NVIDIA's start slots allow`(count: Count) {
        let layouts = Self.all(of: count.shapes)
        #expect(layouts.count == count.layouts)
        #expect(Self.maximal(of: count.shapes).count == count.maximal)
        let combinations = Set(layouts.map(Self.combination))
        if let expected = count.combinations { #expect(combinations.count == expected) }
        // Those that no card can add to, however it is cut.
        let most = combinations.filter { combination in
            !count.shapes.contains { combinations.contains((combination + [$0.profile.name]).sorted()) }
        }
        #expect(most.count == count.maximalCombinations)
    }

    @Test(arguments: [
        ("1g.10gb", 80, 1, 7), ("1g.10gb", 40, 2, 4), ("1g.12gb", 94, 1, 7), ("1g.24gb", 94, 2, 4),
        ("3g.47gb", 94, 4, 2), ("1g.18gb", 141, 1, 7), ("1g.35gb", 141, 2, 4), ("3g.71gb", 141, 4, 2),
        ("7g.141gb", 141, 8, 1), ("1g.10gb+me", 80, 1, 1), ("2g.12gb+me", 24, 4, 1), ("1g.6gb", 24, 2, 4),
    ])
    func `a profile is known by its part of the card`(profile: String, gigabytes: Int, length: Int, most: Int) throws {
        let shape = try #require(MIGShape(MIGProfile(profile), cardMemory: MiB(gigabytes * gib)))
        #expect(shape.length == length && shape.most == most)
        #expect(shape.memory == MiB(gigabytes * gib * length / 8))
    }

    @Test(arguments: [("5g.40gb", 80), ("1g.5gb", 80), ("3g.20gb", 80), ("7g.80gb", 40), ("large", 80)])
    func `what no card of the size can be cut into is no shape`(profile: String, gigabytes: Int) {
        #expect(MIGShape(MIGProfile(profile), cardMemory: MiB(gigabytes * gib)) == nil)
        #expect(MIGProfile(profile).most(onCardOf: MiB(gigabytes * gib)) == 0)
    }
}
