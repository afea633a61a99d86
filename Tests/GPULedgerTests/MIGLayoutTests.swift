// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import GPULedger

@Suite struct MIGLayoutTests {
    typealias Kind = MIGLayout.Kind

    struct Count: Sendable {
        let kinds: [Kind]
        let layouts: Int
        let maximal: Int
        let maximalCombinations: Int
    }

    /// Enumerated by hand-written scripts from NVIDIA's start slots, apart from this code.
    static let counts = [
        Count(kinds: Kind.eighths, layouts: 298, maximal: 19, maximalCombinations: 12),
        Count(kinds: Kind.eighths + [.doubleMemory], layouts: 723, maximal: 78, maximalCombinations: 28),
        Count(kinds: Kind.eighths + [.doubleMemory, .media], layouts: 2319, maximal: 239, maximalCombinations: 44),
        Count(kinds: Kind.quarters, layouts: 26, maximal: 5, maximalCombinations: 4),
    ]

    static func all(of kinds: [Kind]) -> Set<MIGLayout> {
        var (found, next): (Set<MIGLayout>, [MIGLayout]) = ([MIGLayout()], [MIGLayout()])
        while let layout = next.popLast() {
            for kind in kinds {
                for start in layout.starts(for: kind) {
                    let more = layout.with(kind, at: start)
                    if found.insert(more).inserted { next.append(more) }
                }
            }
        }
        return found
    }

    static func combination(_ layout: MIGLayout) -> [String] { layout.instances.map(\.kind.name).sorted() }

    @Test(arguments: counts)
    func `there are as many layouts as NVIDIA's start slots allow`(count: Count) {
        let layouts = Self.all(of: count.kinds)
        let maximal = layouts.filter { layout in count.kinds.allSatisfy { layout.starts(for: $0).isEmpty } }
        #expect(layouts.count == count.layouts)
        #expect(maximal.count == count.maximal)
        // Of combinations, those that no placed layout can add to.
        let combinations = Set(layouts.map(Self.combination))
        let most = combinations.filter { combination in
            !count.kinds.contains { combinations.contains((combination + [$0.name]).sorted()) }
        }
        #expect(most.count == count.maximalCombinations)
    }

    @Test func `there are 38 combinations on eight slices and 10 on four`() {
        #expect(Set(Self.all(of: Kind.eighths).map(Self.combination)).count == 38)
        #expect(Set(Self.all(of: Kind.quarters).map(Self.combination)).count == 10)
    }

    @Test func `the highest start is taken, so that a 4g still fits`() throws {
        let (one, three, four) = (Kind.eighths[0], Kind.eighths[2], Kind.eighths[3])
        let layout = try #require(MIGLayout().placing(three)?.placing(four))
        #expect(layout.instances.map(\.description) == ["4g@0", "3g@4"])
        #expect(layout.placing(one) == nil)
        #expect(MIGLayout().placing(one)?.instances.map(\.start) == [6])
    }

    @Test func `a 3g at slot 0 is a dead end`() {
        let (one, two, three) = (Kind.eighths[0], Kind.eighths[1], Kind.eighths[2])
        let dead = MIGLayout().with(three, at: 0).with(two, at: 4).with(one, at: 6)
        #expect(Kind.eighths.allSatisfy { dead.starts(for: $0).isEmpty })
        let same = MIGLayout().with(three, at: 4).with(two, at: 2).with(one, at: 0)
        #expect(same.starts(for: one) == [1])
    }
}

@Suite struct CertainFitTests {
    /// Every way to put the unseen shares, each on one card that has room.
    static func ends(_ free: [Int], _ unseen: ArraySlice<Int>) -> [[Int]] {
        guard let first = unseen.first else { return [free] }
        return free.indices.filter { free[$0] >= first }.flatMap { card in
            var left = free
            left[card] -= first
            return ends(left, unseen.dropFirst())
        }
    }

    @Test func `what is said to fit for certain fits wherever the unseen shares are`() {
        var (said, certain) = (0, 0)
        for code in 0..<(5 * 5 * 5 * 4 * 4 * 4) {
            let free = [code % 5, code / 5 % 5, code / 25 % 5]
            let unseen = [code / 125 % 4, code / 500 % 4].filter { $0 > 0 }
            let units = code / 2000 % 4 + 1
            let ends = Self.ends(free, unseen[...])
            guard !ends.isEmpty else { continue }
            let isCertain = ends.allSatisfy { $0.contains { $0 >= units } }
            let isSaid = CertainFit.fits(units, free: free, unseen: unseen)
            #expect(!isSaid || isCertain, "\(units) on \(free) beside \(unseen)")
            (said, certain) = (said + (isSaid ? 1 : 0), certain + (isCertain ? 1 : 0))
        }
        // A rule that never says yes would be sound too.
        #expect(said * 10 > certain * 7, "\(said) of \(certain)")
    }
}
