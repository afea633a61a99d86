// SPDX-License-Identifier: Apache-2.0

/// Whether a share fits on one card of a node whose device plugin chooses the card, wherever those shares are of which
/// it is not known. In units.
///
/// Sound, not complete: what it says fits, fits. To be in the way, others must leave every card with less than is
/// asked for, and there may be too few of them for that, or too little in sum.
struct CertainFit: Hashable, Sendable {
    /// Of each card, what nobody is known to have there.
    var free: [Int] = []
    /// Shares that are each on one card, unknown which.
    var unseen = Unseen()

    struct Unseen: Hashable, Sendable {
        private(set) var count = 0
        private(set) var sum = 0
        private(set) var largest = 0
        /// The greatest number that divides each of them.
        private(set) var divisor = 0

        mutating func add(_ units: Int) { add(1, of: units) }

        /// What may be on several cards in any parts, as the shares of a pod with several containers.
        mutating func add(inParts units: Int) { add(units, of: 1) }

        private mutating func add(_ number: Int, of units: Int) {
            guard number > 0, units > 0 else { return }
            (count, sum, largest) = (count + number, sum + number * units, max(largest, units))
            divisor = greatestCommonDivisor(divisor, units)
        }
    }

    func fits(_ units: Int) -> Bool {
        let open = free.filter { $0 >= units }
        guard unseen.count > 0 else { return !open.isEmpty }
        // What is on a card is a multiple of the divisor; that much of it leaves too little there.
        let inTheWay = open.reduce(0) { $0 + (($1 - units) / unseen.divisor + 1) * unseen.divisor }
        let thatMany = open.reduce(0) { $0 + ($1 - units) / unseen.largest + 1 }
        return unseen.sum < inTheWay || unseen.count < thatMany
    }

    /// How many such shares fit one after the other, at most `most`.
    func count(of units: Int, atMost most: Int) -> Int {
        var (next, found) = (self, 0)
        while found < most, next.fits(units) {
            next.unseen.add(units)
            found += 1
        }
        return found
    }

    /// The most units that fit: where some fit, fewer do.
    var largest: Int {
        var (fitting, tooMany) = (0, (free.max() ?? 0) + 1)
        while tooMany - fitting > 1 {
            let middle = (fitting + tooMany) / 2
            if fits(middle) { fitting = middle } else { tooMany = middle }
        }
        return fitting
    }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
