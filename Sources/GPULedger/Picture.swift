// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The devices that exist and what is held on them: everything that placement and availability look at.
///
/// Never kept up to date: made anew from the live reservations, so that what is free is always a sum over them.
struct Picture: Sendable {
    let catalogue: DeviceCatalogue
    let holds: [Hold]
    /// By the devices' indices.
    private let uses: [DeviceUse]
    private let nodesInUse: Set<String>

    init(_ catalogue: DeviceCatalogue, _ holds: [Hold]) {
        self.catalogue = catalogue
        self.holds = holds
        uses = catalogue.uses(of: holds)
        nodesInUse = Set(holds.map(\.place.node))
    }

    func use(of device: Device) -> DeviceUse { uses[device.index] }

    /// Nil while another mode has the device.
    func room(on device: Device, _ demand: Demand) -> ShareRoom? {
        ShareRoom(device, use(of: device), wanted: demand.terms)
    }

    func isFree(_ device: Device) -> Bool { use(of: device).holds.isEmpty }

    func isInUse(node: String) -> Bool { nodesInUse.contains(node) }

    /// The same inventory with nothing held.
    var emptied: Picture { Picture(catalogue, []) }
}

extension Picture {
    /// Where the demand goes, the same for the same picture; nil when it does not fit now.
    func place(_ demand: Demand) -> [Place]? {
        switch demand.amount {
        case .devices(let count, as: .mig): placeInstances(count, of: demand)
        case .devices(let count, as: _): placeCards(count, of: demand)
        case .share(let size): placeShare(size, of: demand)
        }
    }

    /// How many such demands fit one after the other, at most `Availability.countMax`.
    func count(_ demand: Demand) -> Int {
        let count =
            switch demand.amount {
            case .devices(let count, as: _): freeByNode(demand).reduce(0) { $0 + $1.devices.count / count }
            case .share(let size): demand.devices.reduce(0) { $0 + (room(on: $1, demand)?.count(of: size) ?? 0) }
            }
        return min(count, Availability.countMax)
    }

    /// Whether it would fit if everything free in the pool were in one place.
    func fitsInSum(_ demand: Demand) -> Bool {
        switch demand.amount {
        case .devices(let count, as: _):
            return freeByNode(demand).reduce(0) { $0 + $1.devices.count } >= count
        case .share(let size):
            let rooms = demand.devices.compactMap { room(on: $0, demand) }.filter { $0.sharers > 0 }
            return rooms.reduce(0) { $0 + max(0, $1.memory.count) } >= size.memory.count
                && rooms.reduce(0) { $0 + max(0, $1.limit.count) } >= size.limit.count
        }
    }

    /// Whole cards or instances that are free; for shares, devices with room for at least one unit.
    func freeDevices(_ demand: Demand) -> Int {
        guard let terms = demand.terms else { return demand.devices.count { isFree($0) } }
        return demand.devices.count { (room(on: $0, demand)?.largest(unit: terms.unit).count ?? 0) > 0 }
    }

    /// Nil where the pool does not give shares.
    func largestShare(_ demand: Demand) -> MiB? {
        guard let terms = demand.terms else { return nil }
        return demand.devices.compactMap { room(on: $0, demand)?.largest(unit: terms.unit) }.max() ?? MiB(0)
    }
}
