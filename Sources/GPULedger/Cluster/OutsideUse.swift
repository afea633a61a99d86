// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What keeps devices from being granted beside reservations: foreign pods, and nodes that are withheld.
struct OutsideUse: Hashable, Sendable {
    var foreign: [ForeignUse] = []
    var withheld: [WithheldNode] = []
    /// By an operator's word.
    var drained: Set<String> = []

    /// As holds that nobody has reserved and that have no end, laid beside `holds`, and what has found no room, in units
    /// by resource: never clamped away.
    ///
    /// The kubelet does not say which device a pod has: a foreign one is laid where there is room on its node, which
    /// leaves as much free as is free.
    func layout(_ catalogue: DeviceCatalogue, beside holds: [Hold]) -> Layout {
        guard !foreign.isEmpty else { return Layout(holds: [], deficit: [:]) }
        var layout = LayoutInProgress(catalogue, holds)
        for use in foreign.sorted(by: { ($0.podUID, $0.resource) < ($1.podUID, $1.resource) }) { layout.lay(use) }
        return Layout(holds: layout.added, deficit: layout.deficit)
    }

    /// Nodes that nothing new is granted on.
    func withheldNodes(_ now: Instant) -> Set<String> { drained.union(shownWithheld(now)) }

    /// As the cluster shows it.
    func shownWithheld(_ now: Instant) -> Set<String> {
        Set(withheld.filter { ($0.until ?? now) >= now }.map(\.node))
    }

    struct Layout: Hashable, Sendable {
        let holds: [Hold]
        let deficit: [String: Int]
    }
}

extension Hold {
    /// Their ids begin so, and no reservation's does.
    static let foreignPrefix = "foreign:"
}

private struct LayoutInProgress {
    let catalogue: DeviceCatalogue
    private(set) var added: [Hold] = []
    private(set) var deficit: [String: Int] = [:]
    private var uses: [DeviceUse]

    init(_ catalogue: DeviceCatalogue, _ holds: [Hold]) {
        self.catalogue = catalogue
        uses = catalogue.uses(of: holds)
    }

    mutating func lay(_ use: ForeignUse) {
        var left = use.amount
        for pool in catalogue.pools(giving: use.resource) where use.node != nil || pool.name == use.pool {
            let devices = (catalogue[pool: pool.name]?.devices ?? []).filter { use.node == nil || $0.node == use.node }
            left =
                if let terms = pool.sharedTerms { layUnits(left, of: use, terms, pool, devices) } else {
                    pool.migLayout == .onDemand
                        ? layOnDemand(left, of: use, pool, devices) : layWhole(left, of: use, pool, devices)
                }
        }
        if left > 0 { deficit[use.resource, default: 0] += left }
    }

    private mutating func layWhole(_ count: Int, of use: ForeignUse, _ pool: Pool, _ devices: [Device]) -> Int {
        let free = devices.filter { uses[$0.index].holds.isEmpty }.prefix(count)
        for device in free {
            add(Hold(outside: Hold.foreignPrefix + use.podUID, pool: pool.name, whole: device))
        }
        return count - free.count
    }

    /// Where a reservation would be put.
    private mutating func layOnDemand(_ count: Int, of use: ForeignUse, _ pool: Pool, _ devices: [Device]) -> Int {
        guard let known = catalogue[pool: pool.name] else { return count }
        var cards = devices.compactMap { device in
            known.shape(on: device).map { CutCard(device, $0, uses[device.index].holds) }
        }
        var left = count
        while left > 0, let place = cards.take() {
            add(
                Hold(
                    reservationID: Hold.foreignPrefix + use.podUID, pool: pool.name, mode: .mig, place: place,
                    lasts: .bound(endsBy: nil)))
            left -= 1
        }
        return left
    }

    /// On the device with the most room first, and on as many as it takes.
    private mutating func layUnits(
        _ units: Int, of use: ForeignUse, _ terms: Pool.SharedTerms, _ pool: Pool, _ devices: [Device]
    ) -> Int {
        var left = units
        let rooms = devices.compactMap { device in
            ShareRoom(device, uses[device.index], wanted: nil).map { (device, $0.memory.count / terms.unit.count) }
        }
        for (device, room) in rooms.sorted(by: { ($1.1, $0.0.id) < ($0.1, $1.0.id) }) where left > 0 && room > 0 {
            let taken = min(left, room)
            let memory = MiB(taken * terms.unit.count)
            add(
                Hold(
                    outside: Hold.foreignPrefix + use.podUID, pool: pool.name, on: device, units: taken, memory: memory,
                    limit: memory))
            left -= taken
        }
        return left
    }

    private mutating func add(_ hold: Hold) {
        added.append(hold)
        for index in catalogue.devices(concernedBy: hold.place) {
            uses[index] = DeviceUse(uses[index].holds + [hold], on: catalogue.devices[index], catalogue)
        }
    }
}

extension Hold {
    fileprivate init(outside id: String, pool: String, whole device: Device) {
        self.init(
            reservationID: id, pool: pool, mode: device.profile == nil ? .whole : .mig, place: Place(whole: device),
            lasts: .bound(endsBy: nil))
    }

    fileprivate init(outside id: String, pool: String, on device: Device, units: Int, memory: MiB, limit: MiB) {
        self.init(
            reservationID: id, pool: pool, mode: .shared,
            place: Place(
                node: device.node, card: device.card, device: device.id, units: units, memory: memory, limit: limit),
            lasts: .bound(endsBy: nil))
    }
}
