// SPDX-License-Identifier: Apache-2.0

/// How capacity is fairly shared among groups that want it: first to each what is its own, then the rest by weight.
///
/// The rule is KAI's (docs/fairness), but each round is worked out from a snapshot and over those only who still want
/// more, so that the result does not depend on their order.
package enum FairShare {
    package struct Claim: Sendable, Hashable {
        package let name: String
        /// Its own quota.
        package let deserved: Int
        package let weight: Int
        /// All that it has and would like to have.
        package let wanted: Int

        package init(name: String, deserved: Int, weight: Int, wanted: Int) {
            self.name = name
            self.deserved = deserved
            self.weight = weight
            self.wanted = wanted
        }
    }

    /// - Returns: by name, in the unit of `capacity`; the sum is never above it.
    package static func shares(of capacity: Int, among claims: [Claim]) -> [String: Int] {
        let own = claims.map { min($0.deserved, $0.wanted) }
        let all = own.reduce(0, +)
        // More is promised than there is: each gets its part of what is its own.
        var shares = all <= capacity ? own : split(capacity, by: own, names: claims.map(\.name))
        var rest = capacity - shares.reduce(0, +)
        while rest > 0 {
            let open = claims.indices.filter { shares[$0] < claims[$0].wanted }
            guard !open.isEmpty else { break }
            let parts = split(rest, by: open.map { claims[$0].weight }, names: open.map { claims[$0].name })
            for (place, part) in zip(open, parts) {
                let given = min(part, claims[place].wanted - shares[place])
                shares[place] += given
                rest -= given
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(claims.map(\.name), shares))
    }

    /// Shares in whole units of `unit`, by the largest remainder.
    package static func rounded(_ shares: [String: Int], to unit: Int) -> [String: Int] {
        let names = shares.keys.sorted()
        let values = names.map { shares[$0] ?? 0 }
        let whole = values.reduce(0, +) / unit
        return Dictionary(uniqueKeysWithValues: zip(names, split(whole, by: values, names: names)))
    }

    /// `amount` in whole numbers in the proportion of `weights`, what is left over to the largest remainders and then by
    /// name; the sum is `amount` where any weight is above 0.
    private static func split(_ amount: Int, by weights: [Int], names: [String]) -> [Int] {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return weights.map { _ in 0 } }
        let exact = weights.map { (amount * $0).quotientAndRemainder(dividingBy: sum) }
        var parts = exact.map(\.quotient)
        let order = weights.indices.sorted {
            (-exact[$0].remainder, names[$0]) < (-exact[$1].remainder, names[$1])
        }
        for place in order.prefix(amount - parts.reduce(0, +)) { parts[place] += 1 }
        return parts
    }
}
