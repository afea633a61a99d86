// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// One device and what is on it, for operators.
package struct DeviceRow: Sendable, Hashable {
    package let node: String
    package let card: String
    /// The card's UUID, or the MIG instance's id.
    package let device: String
    /// Nil for a card.
    package let profile: MIGProfile?
    package let memory: MiB
    /// Not guaranteed to anybody; below zero where more was promised than is there.
    package let freeMemory: MiB
    /// What those on it may use at most, all together.
    package let limits: MiB
    package let pools: [String]
    package let isDrained: Bool
    /// Live reservations that keep the device from being given whole.
    package let reservationIDs: [String]
    /// A pod that nobody has reserved for uses it, or some of it.
    package let isForeign: Bool
    /// Its node takes nothing new, as the cluster shows it.
    package let isWithheld: Bool
}

/// One node of the inventory.
package struct NodeRow: Sendable, Hashable {
    package let node: String
    package let devices: Int
    package let devicesInUse: Int
    package let mark: NodeMark?
}

extension Ledger {
    /// In the order of node, card and device, as of the last commit. Waits for nothing.
    package func devices(now: Instant) -> [DeviceRow] {
        let picture = picture.current(now)
        let withheld = picture.outside.shownWithheld(now)
        return picture.catalogue.devices.map { device in
            DeviceRow(device, in: picture, isWithheld: withheld.contains(device.node))
        }
    }

    /// Every node of the inventory, and those that are drained without being there; in the order of names.
    package func nodes(now: Instant) async throws(LedgerError) -> [NodeRow] {
        let marks = Dictionary(try await nodeMarks().map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
        let devices = Dictionary(grouping: devices(now: now), by: \.node)
        return Set(devices.keys).union(marks.keys).sorted().map { name in
            let rows = devices[name] ?? []
            return NodeRow(
                node: name, devices: rows.count, devicesInUse: rows.count { !$0.reservationIDs.isEmpty },
                mark: marks[name])
        }
    }
}

extension DeviceRow {
    fileprivate init(_ device: Device, in picture: Picture, isWithheld: Bool) {
        let holds = picture.use(of: device).holds
        node = device.node
        card = device.card
        self.device = device.id
        profile = device.profile
        memory = device.memory
        let places = holds.map(\.place).filter { $0.bearer == device.id }
        freeMemory = places.reduce(device.memory) { $0 - $1.memory }
        limits = places.reduce(MiB(0)) { $0 + $1.limit }
        pools = device.pools
        isDrained = picture.outside.drained.contains(device.node)
        isForeign = holds.contains(where: \.isForeign)
        self.isWithheld = isWithheld
        reservationIDs = Set(holds.filter { !$0.isForeign }.map(\.reservationID)).sorted()
    }
}
