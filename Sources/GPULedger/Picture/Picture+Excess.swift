// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// By how much `unborne` is beyond what its devices have, in units by resource. Of a device that is gone it is all
    /// that is held there; of one that several have whole, all but one of them; of one that
    /// instances are made on, all but those that fit beside each other.
    func excess(of unborne: [Hold]) -> [String: Int] {
        var excess: [String: Int] = [:]
        for (id, holds) in Dictionary(grouping: unborne, by: \.place.bearer) {
            for hold in holds { excess[resource(of: hold), default: 0] += hold.place.units }
            guard let device = catalogue.device(id) else { continue }
            for spared in spared(device, holds) { excess[resource(of: spared), default: 0] -= spared.place.units }
        }
        return excess.filter { $0.value > 0 }
    }

    /// Who may have what too many do.
    private func spared(_ device: Device, _ holds: [Hold]) -> [Hold] {
        let all = use(of: device).holds
        let inOrder = holds.sorted { $0.reservationID < $1.reservationID }
        if all.allSatisfy({ $0.place.slot != nil }) { return besideEachOther(inOrder) }
        let fitting = inOrder.filter { $0.place.slot == nil && $0.mode == (device.profile == nil ? .whole : .mig) }
        return fitting.count == all.count ? Array(fitting.prefix(1)) : []
    }

    private func besideEachOther(_ holds: [Hold]) -> [Hold] {
        holds.reduce(into: []) { spared, hold in
            guard let slot = hold.place.slot, spared.allSatisfy({ $0.place.slot.map(slot.fits(beside:)) ?? false })
            else { return }
            spared.append(hold)
        }
    }

    private func resource(of hold: Hold) -> String {
        catalogue[pool: hold.pool]?.pool.resourceName ?? hold.pool
    }
}
