// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// Memory shares: each on one device, beside others of its kind.

/// What shares can still take of one device; numbers are below zero where the device bears more than it should.
struct ShareRoom {
    let deviceMemory: MiB
    /// Not yet guaranteed to anybody.
    let memory: MiB
    /// What further limits may add up to.
    let limit: MiB
    let sharers: Int

    /// - Parameter terms: of every pool that has or wants a share here; the strictest counts.
    init(_ device: Device, beside shares: [Hold], _ terms: [Pool.SharedTerms]) {
        let overcommit = terms.map(\.overcommitPercent).min() ?? 100
        deviceMemory = device.memory
        memory = device.memory - shares.reduce(MiB(0)) { $0 + $1.place.memory }
        limit = MiB(device.memory.count * overcommit / 100) - shares.reduce(MiB(0)) { $0 + $1.place.limit }
        sharers = (terms.map(\.sharersMax).min() ?? 1) - shares.count
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

extension Picture {
    /// Nil while another mode has the device.
    func room(on device: Device, _ demand: Demand) -> ShareRoom? {
        room(on: device, beside: holds(concerning: device), demand.terms)
    }

    func room(on device: Device, beside holds: [Hold], _ wanted: Pool.SharedTerms?) -> ShareRoom? {
        guard holds.allSatisfy({ $0.mode == .shared && $0.place.device == device.id }) else { return nil }
        let present = Set(holds.map(\.pool)).compactMap { catalogue[pool: $0]?.pool.sharedTerms }
        return ShareRoom(device, beside: holds, present + (wanted.map { [$0] } ?? []))
    }

    /// Best fit among the devices that are shared already; only where none has room, one more is opened.
    func placeShare(_ size: ShareSize, of demand: Demand) -> [Place]? {
        let fitting = demand.devices.compactMap { device -> Candidate? in
            guard let room = room(on: device, demand), room.fits(size) else { return nil }
            return Candidate(device: device, room: room, sharers: holds(concerning: device).count)
        }
        let open = fitting.filter { $0.sharers > 0 }.min {
            ($0.room.memory, $0.sharers, $0.device.id) < ($1.room.memory, $1.sharers, $1.device.id)
        }
        guard let device = (open ?? cheapestToOpen(fitting))?.device else { return nil }
        return [
            Place(
                node: device.node,
                card: device.card,
                device: device.id,
                units: size.units,
                memory: size.memory,
                limit: size.limit
            )
        ]
    }

    private struct Candidate {
        let device: Device
        let room: ShareRoom
        let sharers: Int
    }

    /// A device that nobody can have whole, then the smallest, then in the order of node, card and id.
    private func cheapestToOpen(_ candidates: [Candidate]) -> Candidate? {
        candidates.min { a, b in
            (catalogue.isWantedWhole(a.device) ? 1 : 0, a.device.memory)
                < (catalogue.isWantedWhole(b.device) ? 1 : 0, b.device.memory)
        }
    }
}

extension Pool {
    var sharedTerms: SharedTerms? {
        if case .shared(let terms) = mode { terms } else { nil }
    }
}
