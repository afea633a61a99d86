// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// By how much `unborne` is beyond what its devices have, in units by resource. Of a device that is gone it is all
    /// that is held there; of one that several have whole, all but one of them.
    func excess(of unborne: [Hold]) -> [String: Int] {
        var excess: [String: Int] = [:]
        for (id, holds) in Dictionary(grouping: unborne, by: \.place.device) {
            for hold in holds { excess[resource(of: hold), default: 0] += hold.place.units }
            guard let device = catalogue.device(id), let spared = spared(device, holds) else { continue }
            excess[resource(of: spared), default: 0] -= spared.place.units
        }
        return excess.filter { $0.value > 0 }
    }

    /// Who may have the device whole where too many do.
    private func spared(_ device: Device, _ holds: [Hold]) -> Hold? {
        let fitting = holds.filter { $0.mode == (device.profile == nil ? .whole : .mig) }
        guard fitting.count == holds.count, use(of: device).holds.count == holds.count else { return nil }
        return fitting.min { $0.reservationID < $1.reservationID }
    }

    private func resource(of hold: Hold) -> String {
        catalogue[pool: hold.pool]?.pool.resourceName ?? hold.pool
    }
}
