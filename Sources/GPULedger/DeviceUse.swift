// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What is on one device, in sums over its holds.
struct DeviceUse: Sendable {
    /// Everything that keeps the device from being given whole; empty when it is free.
    private(set) var holds: [Hold] = []
    /// False while another mode has the device or its card.
    private(set) var isOpenToShares = true
    /// Guaranteed to the sharers.
    private(set) var memory = MiB(0)
    private(set) var limits = MiB(0)
    /// The strictest terms of the pools that have a share here; nil when none has.
    private(set) var terms: StrictestTerms?

    mutating func add(_ hold: Hold, on device: Device, terms poolTerms: Pool.SharedTerms?) {
        holds.append(hold)
        guard hold.mode == .shared, hold.place.device == device.id else {
            isOpenToShares = false
            return
        }
        memory = memory + hold.place.memory
        limits = limits + hold.place.limit
        if let poolTerms { terms = StrictestTerms(terms, poolTerms) }
    }
}

/// What several pools allow on one device together.
struct StrictestTerms: Sendable {
    let overcommitPercent: Int
    let sharersMax: Int

    init(_ others: StrictestTerms?, _ terms: Pool.SharedTerms) {
        overcommitPercent = min(others?.overcommitPercent ?? .max, terms.overcommitPercent)
        sharersMax = min(others?.sharersMax ?? .max, terms.sharersMax)
    }
}

/// What shares can still take of one device; numbers are below zero where the device bears more than it should.
struct ShareRoom: Sendable {
    let deviceMemory: MiB
    /// Not yet guaranteed to anybody.
    let memory: MiB
    /// What further limits may add up to.
    let limit: MiB
    let sharers: Int

    /// Nil while another mode has the device.
    ///
    /// - Parameter wanted: the terms of the pool that would like a share, if any; they count as if it had one.
    init?(_ device: Device, _ use: DeviceUse, wanted: Pool.SharedTerms?) {
        guard use.isOpenToShares else { return nil }
        let terms = wanted.map { StrictestTerms(use.terms, $0) } ?? use.terms
        deviceMemory = device.memory
        memory = device.memory - use.memory
        limit = MiB(device.memory.count * (terms?.overcommitPercent ?? 100) / 100) - use.limits
        sharers = (terms?.sharersMax ?? use.holds.count) - use.holds.count
    }

    /// Nothing that was promised here is broken.
    var isSound: Bool { memory.count >= 0 && limit.count >= 0 && sharers >= 0 }

    func fits(_ size: ShareSize) -> Bool { count(of: size) >= 1 }

    func count(of size: ShareSize) -> Int {
        guard size.limit <= deviceMemory else { return 0 }
        return max(0, min(memory.count / size.memory.count, limit.count / size.limit.count, sharers))
    }

    /// In whole units, with a limit as high as itself.
    func largest(unit: MiB) -> MiB {
        guard sharers > 0 else { return MiB(0) }
        return MiB(max(0, min(memory, limit).count / unit.count * unit.count))
    }
}
