// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What shares can still take of one device; numbers are below zero where the device bears more than it should.
struct ShareRoom: Sendable {
    let deviceMemory: MiB
    /// Not yet guaranteed to anybody.
    private(set) var memory: MiB
    /// What further limits may add up to.
    private(set) var limit: MiB
    private(set) var sharers: Int
    /// Taken by each further share beside its own memory.
    let overhead: MiB

    /// Nil while another mode has the device.
    ///
    /// - Parameter wanted: the terms of the pool that would like a share, if any; they count as if it had one.
    init?(_ device: Device, _ use: DeviceUse, wanted: Pool.SharedTerms?) {
        guard use.isOpenToShares else { return nil }
        let terms = wanted.map { StrictestTerms(use.terms, $0) } ?? use.terms
        overhead = terms?.sharerOverhead ?? MiB(0)
        deviceMemory = device.memory
        memory = device.memory - use.memory - MiB(overhead.count * use.holds.count)
        limit = MiB(device.memory.count * (terms?.overcommitPercent ?? 100) / 100) - use.limits
        sharers = (terms?.sharersMax ?? use.holds.count) - use.holds.count
    }

    /// Nothing that was promised here is broken.
    var isSound: Bool { memory.count >= 0 && limit.count >= 0 && sharers >= 0 }

    func fits(_ size: ShareSize) -> Bool { count(of: size) >= 1 }

    func count(of size: ShareSize) -> Int {
        guard size.limit <= deviceMemory else { return 0 }
        return max(0, min(memory.count / (size.memory + overhead).count, limit.count / size.limit.count, sharers))
    }

    /// What is left beside `number` more of the size.
    func beside(_ size: ShareSize, _ number: Int = 1) -> ShareRoom {
        var room = self
        room.memory = MiB(memory.count - number * (size.memory + overhead).count)
        room.limit = MiB(limit.count - number * size.limit.count)
        room.sharers = sharers - number
        return room
    }

    /// In whole units, with a limit as high as itself.
    func largest(unit: MiB) -> MiB {
        guard sharers > 0 else { return MiB(0) }
        return MiB(max(0, min(memory - overhead, limit).count / unit.count * unit.count))
    }
}
