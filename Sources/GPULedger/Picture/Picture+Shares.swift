// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// Memory shares: each on one device, beside others of its kind.

extension Picture {
    /// Best fit among the devices that are shared already; only where none has room, one more is opened. With the
    /// policy to spread it is the other way about.
    func placeShare(_ size: ShareSize, of demand: Demand) -> [Place]? {
        let place =
            switch demand.terms?.policy {
            case .spread:
                emptiestOpen(for: size, demand).map { open in deviceToOpen(for: size, demand) ?? open }
                    ?? deviceToOpen(for: size, demand)
            case .pack, nil: fullestOpen(for: size, demand) ?? deviceToOpen(for: size, demand)
            }
        return place.map { [Place(size, of: demand, on: catalogue.devices[$0])] }
    }

    private func fullestOpen(for size: ShareSize, _ demand: Demand) -> Int? {
        indices[demand.known.number].open.first(from: .from(size.request(of: demand))) { fits(size, $0, demand) }?.place
    }

    private func emptiestOpen(for size: ShareSize, _ demand: Demand) -> Int? {
        var found: Int?
        indices[demand.known.number].open.visitBackwards { key in
            if fits(size, key, demand) { found = key.place }
            return found == nil
        }
        return found
    }

    /// A device that nobody can have whole, then one that somebody could while enough of these stay; the smallest, then
    /// in the order of node, card and id.
    private func deviceToOpen(for size: ShareSize, _ demand: Demand) -> Int? {
        let index = indices[demand.known.number]
        let start = PoolIndex.Key.from(size.request(of: demand))
        if let closed = index.closed.first(from: start, where: { fits(size, $0, demand) }) { return closed.place }
        guard openableWhole(demand) > 0 else { return nil }
        return index.whole.first(from: start) { fits(size, $0, demand) }?.place
    }

    /// How many more cards that could be given whole may be opened.
    func openableWhole(_ demand: Demand) -> Int {
        max(0, indices[demand.known.number].whole.count - (demand.terms?.headroom ?? 0))
    }

    private func fits(_ size: ShareSize, _ key: PoolIndex.Key, _ demand: Demand) -> Bool {
        count(size, on: key.place, demand) > 0
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

    /// Calls `body` with the place of each device that shares could be on now, until it says false: those in use, then
    /// those that may be opened.
    func visitOpen(_ demand: Demand, from start: PoolIndex.Key = .first, _ body: (Int) -> Bool) {
        let index = indices[demand.known.number]
        var goesOn = true
        for list in [index.open, index.closed] where goesOn {
            list.visit(from: start) { key in
                goesOn = body(key.place)
                return goesOn
            }
        }
        var left = openableWhole(demand)
        guard goesOn, left > 0 else { return }
        index.whole.visit(from: start) { key in
            left -= 1
            return body(key.place) && left > 0
        }
    }
}

extension ShareSize {
    /// What it takes at least, on whichever device of the pool.
    func request(of demand: Demand) -> Int { demand.known.hasOwnUnits ? .min : memory.count }
}

extension Place {
    fileprivate init(_ pooled: ShareSize, of demand: Demand, on device: Device) {
        let size = demand.size(pooled, on: device)
        self.init(
            node: device.node,
            card: device.card,
            device: device.id,
            units: size.units,
            memory: size.memory,
            limit: size.limit
        )
    }
}

extension Pool {
    var sharedTerms: SharedTerms? {
        if case .shared(let terms) = mode { terms } else { nil }
    }
}
