// SPDX-License-Identifier: Apache-2.0

// Two ways of giving a card of which a node can be set up for one.

extension Reading {
    /// Tells of each two pools once, at the first card or MIG instance that is in both.
    mutating func checkExclusions(
        _ cards: [Item], _ pools: [(key: String, item: Item)], _ known: [String: ReadBackend]
    ) {
        let giving = Dictionary(
            pools.compactMap { pool in backend(of: pool.item, known).map { (pool.key, $0) } },
            uniquingKeysWith: { first, _ in first })
        var told: Set<[String]> = []
        for device in cards.flatMap({ [$0] + ($0["mig"]?.elements ?? []) }) {
            let items = device["pools"]?.elements ?? []
            for (place, item) in items.enumerated() {
                guard let name = item.text, let backend = giving[name] else { continue }
                for other in items[..<place].compactMap(\.text) {
                    guard let standing = giving[other], standing.isExclusive(of: backend),
                        told.insert([other, name].sorted()).inserted
                    else { continue }
                    fault(
                        item,
                        "the pool is given by \(quoted(backend.name)), and \(quoted(other)) by \(quoted(standing.name)): "
                            + "a card is set up for one of them", "Leave one of the two pools here.")
                }
            }
        }
    }

    /// The one that gives its cards; nil where that is told of elsewhere.
    private func backend(of pool: Item, _ known: [String: ReadBackend]) -> ReadBackend? {
        let usual = pool.text("mode") == "shared" ? "mortalgpu" : "nvidia"
        return (pool.texts("backend") ?? [usual]).compactMap { known[$0] }.first { !$0.isBeside }
    }
}

extension ReadBackend {
    fileprivate func isExclusive(of other: ReadBackend) -> Bool {
        excludes.contains(other.name) || other.excludes.contains(name)
    }
}
