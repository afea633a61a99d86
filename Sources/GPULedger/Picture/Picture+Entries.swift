// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// What the indices say of one node: computed from what is on its devices, before and after each change.

extension Picture {
    func entries(of node: Int) -> [PoolIndex.Entry] {
        let node = catalogue.nodes[node]
        guard !withheld.contains(node.name) else { return [] }
        var found: [PoolIndex.Entry] = []
        for pool in node.pools {
            let known = catalogue.pools[pool.number]
            let devices = known.devices[pool.devices]
            switch known.pool.mode {
            case .whole: if let entry = entry(whole: devices, of: pool.number) { found.append(entry) }
            case .mig: if let entry = entry(mig: devices, of: known) { found.append(entry) }
            case .shared(let terms):
                for device in devices { if let entry = entry(device, terms, of: pool.number) { found.append(entry) } }
            }
        }
        return found
    }

    private func entry(whole devices: ArraySlice<Device>, of pool: Int) -> PoolIndex.Entry? {
        let free = devices.count { isFree($0) }
        guard free > 0, let node = devices.first?.nodeNumber else { return nil }
        let key = PoolIndex.Key(rank: free, tie: isInUse(node: node) ? 0 : 1, place: node)
        return PoolIndex.Entry(pool: pool, list: .nodes, key: key)
    }

    private func entry(
        mig devices: ArraySlice<Device>, of known: DeviceCatalogue.PoolDevices
    ) -> PoolIndex.Entry? {
        let used = devices.filter { left(of: known, on: $0) > 0 }.map { memoryHeld(onCardOf: $0).count }.max()
        guard let used, let node = devices.first?.nodeNumber else { return nil }
        return PoolIndex.Entry(pool: known.number, list: .nodes, key: PoolIndex.Key(rank: -used, tie: 0, place: node))
    }

    private func entry(_ device: Device, _ terms: Pool.SharedTerms, of pool: Int) -> PoolIndex.Entry? {
        guard let room = ShareRoom(device, use(of: device), wanted: terms), room.isSound,
            room.sharers > 0
        else { return nil }
        let sharers = use(of: device).holds.count
        let isOpen = sharers > 0 || keptOpen[device.index] != nil
        return PoolIndex.Entry(
            pool: pool, list: isOpen ? .open : catalogue.isWantedWhole(device) ? .whole : .closed,
            key: PoolIndex.Key(rank: room.memory.count, tie: sharers, place: device.index))
    }

    // MARK: - One device

    /// Nobody has anything of it, and it can be given as a whole.
    func isFree(_ device: Device) -> Bool {
        use(of: device).holds.isEmpty && !isWithheld(device) && keptOpen[device.index] == nil
    }

    func isWithheld(_ device: Device) -> Bool { !withheld.isEmpty && withheld.contains(device.node) }

    func isInUse(node: Int) -> Bool {
        catalogue.nodes[node].devices.contains { !use(of: catalogue.devices[$0]).holds.isEmpty }
    }

    func memoryHeld(onCardOf device: Device) -> MiB {
        var counted: Set<Hold> = []
        for index in catalogue.nodes[device.nodeNumber].devices where catalogue.devices[index].card == device.card {
            counted.formUnion(use(of: catalogue.devices[index]).holds)
        }
        return counted.reduce(MiB(0)) { $0 + $1.place.memory }
    }

    /// Every hold on the device itself is borne by it.
    func isSound(_ device: Device) -> Bool {
        let use = use(of: device)
        return use.holds.allSatisfy { $0.place.bearer != device.id || isBorne($0, by: device, use) }
    }

    func isBorne(_ hold: Hold, by device: Device, _ use: DeviceUse) -> Bool {
        switch hold.mode {
        case .whole: device.profile == nil && use.holds.count == 1
        case .mig:
            if let slot = hold.place.slot {
                device.profile == nil
                    && use.holds.allSatisfy { $0 == hold || $0.place.slot.map(slot.fits(beside:)) ?? false }
            } else {
                device.profile != nil && use.holds.count == 1
            }
        case .shared: ShareRoom(device, use, wanted: nil)?.isSound ?? false
        }
    }

    /// Also false on a device that there is not.
    func isBorne(_ hold: Hold) -> Bool {
        guard let device = catalogue.device(bearing: hold.place) else { return false }
        return isBorne(hold, by: device, use(of: device))
    }
}

extension Hold {
    var isForeign: Bool { reservationID.hasPrefix(Self.foreignPrefix) }
}
