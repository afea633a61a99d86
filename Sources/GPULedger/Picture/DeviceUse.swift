// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What is on one device: a set of holds, and sums that are made anew from it at each change.
struct DeviceUse: Sendable, Equatable {
    /// Everything that keeps the device from being given whole, in the order of the reservations' ids; empty when it
    /// is free.
    private(set) var holds: [Hold] = []
    /// False while another mode has the device or its card.
    private(set) var isOpenToShares = true
    /// Guaranteed to the sharers.
    private(set) var memory = MiB(0)
    private(set) var limits = MiB(0)
    /// The strictest terms of the pools that have a share here; nil when none has.
    private(set) var terms: StrictestTerms?

    init() {}

    init(_ holds: [Hold], on device: Device, _ catalogue: DeviceCatalogue) {
        self.holds = holds
        for hold in holds { count(hold, on: device, catalogue) }
    }

    /// The same without what `reservation` had, and with `added`, which are its.
    func replacing(_ reservation: String, with added: [Hold], on device: Device, _ catalogue: DeviceCatalogue) -> Self {
        var all = holds.filter { $0.reservationID != reservation }
        all.insert(contentsOf: added, at: all.firstIndex { $0.reservationID > reservation } ?? all.count)
        return Self(all, on: device, catalogue)
    }

    private mutating func count(_ hold: Hold, on device: Device, _ catalogue: DeviceCatalogue) {
        guard hold.mode == .shared, hold.place.device == device.id else {
            isOpenToShares = false
            return
        }
        memory = memory + hold.place.memory
        limits = limits + hold.place.limit
        if let pool = catalogue[pool: hold.pool]?.pool.sharedTerms { terms = StrictestTerms(terms, pool) }
    }
}

/// What several pools allow on one device together.
struct StrictestTerms: Sendable, Equatable {
    let overcommitPercent: Int
    let sharersMax: Int
    let sharerOverhead: MiB

    init(_ others: StrictestTerms?, _ terms: Pool.SharedTerms) {
        overcommitPercent = min(others?.overcommitPercent ?? .max, terms.overcommitPercent)
        sharersMax = min(others?.sharersMax ?? .max, terms.sharersMax)
        sharerOverhead = max(others?.sharerOverhead ?? MiB(0), terms.sharerOverhead)
    }
}
