// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The devices that exist and what is held on them: everything that placement and availability look at.
///
/// Sets, never counters: a change of a reservation replaces its holds on the devices concerned, and what is free there
/// is summed anew over their holds. Copies share what is the same, so that one costs little.
struct Picture: Sendable {
    let catalogue: DeviceCatalogue
    /// The journal's last entry that this knows of.
    var sequence: Int64 = 0
    /// A reservation by whose times it is seen that the clock was set.
    var witness: String?
    /// What the cluster shows beside reservations.
    private(set) var outside = OutsideUse()
    /// Whether some foreign use has found no room, at the journal's entry of the time.
    private var hasUnlaid = false
    private var laidAt: Int64 = 0
    /// Nodes that nothing new is granted on; what is held there counts.
    private(set) var withheld: Set<String> = []
    /// By the reservation's id; foreign pods under ids of their own.
    private(set) var held = Shards<[Hold]>()
    /// By the devices' indices.
    private var uses: Chunks<DeviceUse>
    /// By the pools' numbers.
    private(set) var indices: [PoolIndex]
    /// Reservations with a part on a device that there is not.
    private(set) var astray: [String: [Hold]] = [:]
    /// Devices that bear more than they should.
    private(set) var unsound: Set<Int> = []
    /// Until when devices stay with shares, by index.
    private(set) var keptOpen: [Int: Instant] = [:]

    init(_ catalogue: DeviceCatalogue) {
        self.catalogue = catalogue
        uses = Chunks(repeating: DeviceUse(), count: catalogue.devices.count)
        indices = catalogue.pools.map { _ in PoolIndex() }
        for node in catalogue.nodes.indices { reindex(from: [], to: entries(of: node)) }
    }

    init(_ catalogue: DeviceCatalogue, _ holds: [Hold]) {
        self.init(catalogue)
        add(holds)
    }

    /// The same reservations on other devices.
    func with(_ catalogue: DeviceCatalogue) -> Picture {
        var picture = Picture(catalogue)
        picture.sequence = sequence
        picture.add(holds)
        let ids = keptOpen.map { (self.catalogue.devices[$0.key].id, $0.value) }
        picture.keepOpen(until: Dictionary(uniqueKeysWithValues: ids))
        return picture
    }

    mutating func add(_ holds: [Hold]) {
        for (id, holds) in Dictionary(grouping: holds, by: \.reservationID) { set(holds, of: id) }
    }

    func use(of device: Device) -> DeviceUse { uses[device.index] }

    /// Of reservations.
    var holds: [Hold] { held.values.flatMap { $0 }.filter { !$0.isForeign } }

    /// What `id` has, stayed or to come: see `set`.
    func holds(of id: String) -> [Hold] { held[id] ?? [] }

    // MARK: - Changes

    /// Makes `holds` all that reservation `id` has.
    ///
    /// - Parameter endedAt: when it ended, if it did: a card that it was the last to share stays with shares a while.
    mutating func set(_ holds: [Hold], of id: String, endedAt: Instant? = nil) {
        let before = held[id] ?? []
        let holds = holds.sorted { $0.place.device < $1.place.device }
        guard before != holds || endedAt != nil else { return }
        let touched = Set((before + holds).flatMap { catalogue.devices(concernedBy: $0.place) })
        changing(Set(touched.map { catalogue.devices[$0].nodeNumber })) { picture in
            picture.held[id] = holds.isEmpty ? nil : holds
            let lost = holds.filter { picture.catalogue.device(bearing: $0.place) == nil }
            picture.astray[id] = lost.isEmpty ? nil : lost
            for index in touched {
                let device = picture.catalogue.devices[index]
                let here = holds.filter { picture.catalogue.devices(concernedBy: $0.place).contains(index) }
                picture.uses[index] = picture.uses[index].replacing(id, with: here, on: device, picture.catalogue)
                // It follows from what is on the device, and from nothing else of its node.
                if picture.isSound(device) { picture.unsound.remove(index) } else { picture.unsound.insert(index) }
            }
            if let endedAt { picture.keepOpen(before.filter { $0.mode == .shared }, endedAt) }
        }
    }

    /// Takes in what the cluster shows beside reservations, as of `now`.
    mutating func take(_ outside: OutsideUse, now: Instant) {
        let nodes = outside.withheldNodes(now)
        if nodes != withheld {
            let changed = nodes.symmetricDifference(withheld).compactMap(catalogue.number(ofNode:))
            changing(Set(changed)) { $0.withheld = nodes }
        }
        if outside.foreign != self.outside.foreign || isLaidBadly { lay(outside.foreign, now: now) }
        self.outside = outside
    }

    /// A pod that is not ours has no device of its own in the books, so it goes elsewhere on its node when a reservation
    /// turns out to be where it was laid, or when room comes up for what had none.
    private var isLaidBadly: Bool {
        guard !outside.foreign.isEmpty, laidAt != sequence else { return false }
        return hasUnlaid || unsound.contains { use(of: catalogue.devices[$0]).holds.contains(where: \.isForeign) }
    }

    private mutating func lay(_ foreign: [ForeignUse], now: Instant) {
        for id in Set(outside.foreign.map { Hold.foreignPrefix + $0.podUID }) { set([], of: id) }
        let layout = OutsideUse(foreign: foreign).layout(catalogue, beside: holds)
        add(layout.holds)
        (hasUnlaid, laidAt) = (!layout.deficit.isEmpty, sequence)
    }

    /// Lets cards go back to whole whose time with shares is over.
    mutating func advance(to now: Instant) {
        let over = keptOpen.filter { $0.value <= now }.keys
        guard !over.isEmpty else { return }
        changing(Set(over.map { catalogue.devices[$0].nodeNumber })) { picture in
            for index in over { picture.keptOpen[index] = nil }
        }
    }

    /// Keeps the devices of shares that have ended open to others for as long as their pool says.
    mutating func keepOpen(_ ended: [(pool: String, device: String, at: Instant)]) {
        for end in ended {
            guard let device = catalogue.device(end.device) else { continue }
            changing([device.nodeNumber]) { $0.keepOpen(device, ofPool: end.pool, end.at) }
        }
    }

    private mutating func keepOpen(until times: [String: Instant]) {
        for (id, until) in times {
            guard let device = catalogue.device(id) else { continue }
            changing([device.nodeNumber]) { $0.keptOpen[device.index] = until }
        }
    }

    private mutating func keepOpen(_ shares: [Hold], _ endedAt: Instant) {
        for share in shares {
            guard let device = catalogue.device(share.place.device) else { continue }
            keepOpen(device, ofPool: share.pool, endedAt)
        }
    }

    private mutating func keepOpen(_ device: Device, ofPool pool: String, _ endedAt: Instant) {
        guard let until = keptOpenUntil(ofPool: pool, endedAt) else { return }
        keptOpen[device.index] = max(keptOpen[device.index] ?? until, until)
    }

    /// Until when a device stays with shares after one of the pool has ended there; nil where it does not.
    func keptOpenUntil(ofPool pool: String, _ endedAt: Instant) -> Instant? {
        guard let span = catalogue[pool: pool]?.pool.sharedTerms?.keptOpenFor, span > .zero else { return nil }
        return endedAt + span
    }

    /// Changes what is on the devices of `nodes`, and brings the indices after it.
    private mutating func changing(_ nodes: Set<Int>, _ change: (inout Picture) -> Void) {
        let before = nodes.map { ($0, entries(of: $0)) }
        change(&self)
        for (node, old) in before { reindex(from: old, to: entries(of: node)) }
    }

    private mutating func reindex(from old: [PoolIndex.Entry], to new: [PoolIndex.Entry]) {
        for entry in old where !new.contains(entry) { indices[entry.pool].remove(entry.key, from: entry.list) }
        for entry in new where !old.contains(entry) { indices[entry.pool].insert(entry.key, in: entry.list) }
    }
}
