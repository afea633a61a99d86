// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// What of a pool's devices is open to shares.

extension Picture {
    /// How many more cards that could be given whole may be opened.
    func openableWhole(_ demand: Demand) -> Int {
        max(0, indices[demand.known.number].whole.count - (demand.terms?.headroom ?? 0))
    }

    /// How many shares of the size the device takes beside what is there.
    func count(_ size: ShareSize, on index: Int, _ demand: Demand) -> Int {
        let device = catalogue.devices[index]
        return room(on: device, demand)?.count(of: demand.size(size, on: device)) ?? 0
    }

    /// Nil while another mode has the device, or nothing is granted there.
    func room(on device: Device, _ demand: Demand) -> ShareRoom? {
        guard !isWithheld(device), demand.allows(device) else { return nil }
        return ShareRoom(device, use(of: device), wanted: demand.terms)
    }

    /// What is to be done after a look at a device.
    enum Look {
        /// Go on; it counts among those that are opened.
        case used
        /// Go on; it is of no use.
        case passed
        case enough
    }

    /// Calls `body` with the place of each device that shares could be on now: those in use, then those that may be
    /// opened.
    func visitOpen(
        _ demand: Demand, from start: PoolIndex.Key = .first, isOpenToo: Bool = true, _ body: (Int) -> Look
    ) {
        let index = indices[demand.known.number]
        var look = Look.used
        for list in (isOpenToo ? [index.open] : []) + [index.closed] where look != .enough {
            list.visit(from: start) { key in
                look = body(key.place)
                return look != .enough
            }
        }
        var left = openableWhole(demand)
        guard look != .enough, left > 0 else { return }
        index.whole.visit(from: start) { key in
            look = body(key.place)
            if look == .used { left -= 1 }
            return look != .enough && left > 0
        }
    }
}

extension ShareSize {
    /// What it takes at least, on whichever device of the pool.
    func request(of demand: Demand) -> Int { demand.known.hasOwnUnits ? .min : memory.count }
}

extension Pool {
    var sharedTerms: SharedTerms? {
        if case .shared(let terms) = mode { terms } else { nil }
    }
}
