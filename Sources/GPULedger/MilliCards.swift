// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What GPU capacity costs against a quota, in thousandths of a card: one scale for cards, slices and shares.
///
/// Always rounded up, so that parts of a card never cost less together than the card.
package struct MilliCards: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let count: Int
    package init(_ count: Int) { self.count = count }

    package static func < (a: MilliCards, b: MilliCards) -> Bool { a.count < b.count }
    package static func + (a: MilliCards, b: MilliCards) -> MilliCards { MilliCards(a.count + b.count) }
    package var description: String { "\(count)m" }
}

extension MilliCards {
    package static func cards(_ count: Int) -> MilliCards { MilliCards(clamping: count, times: 1000) }

    /// By the larger of its parts of the card's memory and of its compute slices; by `memory` alone where the
    /// profile's name tells neither.
    package static func instances(
        _ count: Int, of profile: MIGProfile, memory: MiB, onCardOf cardMemory: MiB
    ) -> MilliCards {
        guard let slices = MIGSlices(profile, cardMemory: cardMemory) else {
            return MilliCards(clamping: count, times: min(1000, part(memory.count, of: cardMemory.count)))
        }
        let price = max(part(slices.memoryEighths, of: 8), part(slices.computeSevenths, of: 7))
        return MilliCards(clamping: count, times: min(1000, price))
    }

    /// - Parameter smallest: the usable memory of the smallest device that the share may land on.
    package static func share(_ request: MiB, ofSmallest smallest: MiB) -> MilliCards {
        MilliCards(part(request.count, of: smallest.count))
    }

    private init(clamping count: Int, times price: Int) {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: price)
        self.init(isTooLarge ? .max : product)
    }

    /// In thousandths, rounded up; all of it where there is nothing to take a part of.
    private static func part(_ amount: Int, of whole: Int) -> Int {
        guard whole > 0 else { return 1000 }
        let (thousandfold, isTooLarge) = amount.multipliedReportingOverflow(by: 1000)
        guard !isTooLarge else { return .max }
        return thousandfold / whole + (thousandfold % whole > 0 ? 1 : 0)
    }
}
