// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// Memory shares: each on one device, beside others of its kind.

extension Picture {
    /// Best fit among the devices that are shared already; only where none has room, one more is opened.
    func placeShare(_ size: ShareSize, of demand: Demand) -> [Place]? {
        let fitting = demand.devices.compactMap { device -> Candidate? in
            guard let room = room(on: device, demand), room.fits(size) else { return nil }
            return Candidate(device: device, room: room, sharers: use(of: device).holds.count)
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
