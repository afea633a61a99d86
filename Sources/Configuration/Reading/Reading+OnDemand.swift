// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

// MIG instances that are made when servers want them.

extension Reading {
    mutating func checkMakesMIG(_ item: Item, _ backends: [ReadBackend]) {
        guard let layout = item["mig_layout"], let giving = backends.first(where: { !$0.isBeside }), !giving.makesMIG
        else { return }
        fault(
            layout, "\(quoted(giving.name)) makes no MIG instances on demand",
            "Name a backend that does, such as `hami-mig` or `dra`, or one of your own with `mig_on_demand: true`; or write "
                + "`mig_layout: static`.", atKey: true)
    }

    mutating func checkCut(_ written: Item, _ card: Inventory.Card, _ profile: MIGProfile) {
        guard profile.most(onCardOf: card.memory) == 0 else { return }
        fault(
            written, "no card with \(card.memory) can be cut into MIG instances \(profile)",
            "Write the card's memory as `nvidia-smi` prints it, or name a pool whose `mig_profile` the card has.")
    }

    mutating func refuseInstances(_ written: Item) {
        fault(
            written, "the pool's instances are made on demand, and these are there",
            "Put the card itself into the pool, without `mig`, or write `mig_layout: static` in the pool.")
    }
}

extension Stock.Device {
    /// How many of the pool's it gives.
    func most(of pool: Pool) -> Int {
        guard case .mig(let profile) = pool.mode, pool.migLayout == .onDemand else { return 1 }
        return profile.most(onCardOf: memory)
    }
}
