// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import GPULedger

@Suite struct CertainFitTests {
    /// Every way to put the unseen shares, each on one card that has room.
    static func ends(_ free: [Int], _ unseen: ArraySlice<Int>) -> Set<[Int]> {
        guard let first = unseen.first else { return [free] }
        let ends = free.indices.filter { free[$0] >= first }.map { card in
            var left = free
            left[card] -= first
            return self.ends(left, unseen.dropFirst())
        }
        return ends.reduce(into: []) { $0.formUnion($1) }
    }

    static func fit(_ free: [Int], _ unseen: [Int]) -> CertainFit {
        var fit = CertainFit(free: free)
        for units in unseen { fit.unseen.add(units) }
        return fit
    }

    @Test func `what is said to fit for certain fits wherever the unseen shares are`() {
        var (said, certain) = (0, 0)
        for code in 0..<(6 * 6 * 6 * 4 * 4 * 4) {
            let free = [code % 6, code / 6 % 6, code / 36 % 6]
            let unseen = [code / 216 % 4, code / 864 % 4, code / 3456 % 4].filter { $0 > 0 }
            let ends = Self.ends(free, unseen[...])
            let fit = Self.fit(free, unseen)
            for units in 1...5 where !ends.isEmpty {
                let isCertain = ends.allSatisfy { $0.contains { $0 >= units } }
                let isSaid = fit.fits(units)
                if isSaid, !isCertain { Issue.record("\(units) on \(free) beside \(unseen)") }
                (said, certain) = (said + (isSaid ? 1 : 0), certain + (isCertain ? 1 : 0))
            }
        }
        // A rule that never says yes would be sound too.
        #expect(said * 10 > certain * 9, "\(said) of \(certain)")
    }

    @Test func `shares of one size fill a node although nobody knows where they are`() {
        #expect(CertainFit(free: [8, 8, 8, 8]).count(of: 2, atMost: 100) == 16)
        #expect(CertainFit(free: [7, 9]).count(of: 3, atMost: 100) == 5)
        #expect(CertainFit(free: [8, 8]).count(of: 1, atMost: 7) == 7)
    }

    @Test func `on a node of one card nothing is lost`() {
        #expect(Self.fit([10], [3, 2, 4]).largest == 1)
        #expect(Self.fit([10], [3, 2, 5]).largest == 0)
    }

    @Test func `what may be in parts is in the way of more cards`() {
        // One share of 4 spoils one of the two cards; the same in parts spoils both.
        #expect(Self.fit([4, 4], [4]).fits(3))
        var parts = CertainFit(free: [4, 4])
        parts.unseen.add(inParts: 4)
        #expect(!parts.fits(3))
    }
}
