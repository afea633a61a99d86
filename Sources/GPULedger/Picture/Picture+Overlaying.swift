// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// Where the demand is counted on the only node that it may be on, though nothing there has room for it by the rules of
    /// a grant: the devices with the fewest others, then with the most room. Nil where the node has too few of the pool's.
    func placeOver(_ demand: Demand) -> [Place]? {
        if demand.known.isOnDemand { return placeOverOnDemand(demand) }
        let devices = demand.devices.filter(demand.allows)
        guard devices.count >= demand.deviceCount else { return nil }
        let ranked = devices.map { (device: $0, load: load(on: $0, of: demand)) }
            .sorted { ($0.load, $0.device.id) < ($1.load, $1.device.id) }
        return ranked.prefix(demand.deviceCount).map { demand.place(on: $0.device) }
    }

    /// What is held beyond the device's memory once the demand is there too, below zero where room is left.
    private func load(on device: Device, of demand: Demand) -> Int {
        use(of: device).holds.reduce(-device.memory.count) { sum, hold in
            let isPart = hold.mode == .shared && demand.terms != nil && hold.place.device == device.id
            return sum + (isPart ? hold.place.memory : max(device.memory, hold.place.memory)).count
        }
    }
}

extension Demand {
    /// On how many devices it is at least.
    var deviceCount: Int {
        switch amount {
        case .devices(let count, as: _): count
        case .share: 1
        }
    }

    fileprivate func place(on device: Device) -> Place {
        switch amount {
        case .devices: Place(whole: device)
        case .share(let size): Place(self.size(size, on: device), on: device)
        }
    }
}
