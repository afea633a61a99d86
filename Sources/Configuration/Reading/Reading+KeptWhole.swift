// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

// What a shared pool leaves to those who want a card whole.

extension Reading {
    /// `headroom` and `kept_open_for` are about cards that are in a pool of whole cards too.
    mutating func checkKeptWhole(
        _ items: [(key: String, item: Item)], _ nodes: [Inventory.Node], _ pools: [Pool], isListed: Bool
    ) {
        let whole = Set(pools.filter { $0.mode == .whole }.map(\.name))
        for (name, item) in items {
            guard let key = item["headroom"] ?? item["kept_open_for"], pools.contains(where: { $0.name == name }) else {
                continue
            }
            guard isListed else {
                fault(
                    key,
                    "is about cards that are given whole and in shares, and a cluster's node shows each of its cards as "
                        + "one of the two", "Remove it, or list the cards without `from: cluster`.", atKey: true)
                continue
            }
            let cards = nodes.flatMap(\.cards)
            let both = cards.count { $0.pools.contains(name) && !whole.isDisjoint(with: $0.pools) }
            guard both > 0 else {
                fault(
                    key, "is about cards that are given whole too, and none of this pool is",
                    "Remove it, or name a pool in mode `whole` beside this one at some cards.", atKey: true)
                continue
            }
            let others = cards.reduce(0) { $0 + $1.devices(ofPool: name) } - both
            if let headroom = item["headroom"], let count = headroom.integer, count >= both, others == 0 {
                fault(
                    headroom, "keeps all of the pool's cards whole (\(both)), so that no share is ever given",
                    "Write at most \(both - 1).")
            }
        }
    }
}

extension Inventory.Card {
    fileprivate func devices(ofPool pool: String) -> Int {
        (pools.contains(pool) ? 1 : 0) + migInstances.count { $0.pools.contains(pool) }
    }
}
