// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// Where the demand goes, the same for the same picture; nil when it does not fit now.
    func place(_ demand: Demand) -> [Place]? {
        switch demand.amount {
        case .devices(let count, as: .mig): placeInstances(count, of: demand)
        case .devices(let count, as: _): placeCards(count, of: demand)
        case .share(let size): placeShare(size, of: demand)
        }
    }

    func placeShare(_ size: ShareSize, of demand: Demand) -> [Place]? {
        var search = ShareSearch(self, size, of: demand)
        return search.place()
    }

    /// How many such demands fit one after the other, at most `Availability.countMax`.
    func count(_ demand: Demand) -> Int {
        var found = 0
        switch demand.amount {
        case .devices(let count, as: _):
            visitFree(demand) { free in
                found += free / count
                return found < Availability.countMax
            }
        case .share(let size):
            var shares = ShareCount(self, size, of: demand)
            found = shares.all()
        }
        return min(found, Availability.countMax)
    }

    /// How many would fit if nobody had anything, at most `Availability.countMax`; what is withheld is not there.
    func total(_ demand: Demand) -> Int {
        var found = 0
        switch demand.amount {
        case .devices(let count, as: _):
            for range in demand.known.ranges where found < Availability.countMax {
                let healthy = demand.devices[range.devices].filter { !isWithheld($0) }
                found += healthy.reduce(0) { $0 + demand.known.most(on: $1) } / count
            }
        case .share(let size): found = total(size, demand)
        }
        return min(found, Availability.countMax)
    }

    private func total(_ size: ShareSize, _ demand: Demand) -> Int {
        if demand.fitting == .severalCards {
            var empty = SplitCount(empty: self, demand)
            return empty.count(of: size)
        }
        let healthyWhole = demand.known.whole.count { !isWithheld($0) }
        var (found, openable) = (0, healthyWhole - (demand.terms?.headroom ?? 0))
        let most = { (device: Device) in
            isWithheld(device)
                ? 0
                : ShareRoom(device, DeviceUse(), wanted: demand.terms)?.count(of: demand.size(size, on: device)) ?? 0
        }
        for device in demand.known.others where found < Availability.countMax { found += most(device) }
        for device in demand.known.whole where openable > 0 && found < Availability.countMax {
            let count = most(device)
            found += count
            openable -= count > 0 ? 1 : 0
        }
        return found
    }

    /// Whether it would fit if everything free in the pool were in one place.
    func fitsInSum(_ demand: Demand) -> Bool {
        switch demand.amount {
        case .devices(let count, as: _):
            if demand.known.isOnDemand { return fitsInSlices(count, of: demand) }
            var sum = 0
            visitFree(demand) { free in
                sum += free
                return sum < count
            }
            return sum >= count
        case .share(let size):
            var (memory, limit) = (0, 0)
            visitOpen(demand) { index in
                guard let room = room(on: catalogue.devices[index], demand), room.sharers > 0 else { return .passed }
                memory += max(0, room.memory.count)
                limit += max(0, room.limit.count)
                return memory < size.memory.count || limit < size.limit.count ? .used : .enough
            }
            return memory >= size.memory.count && limit >= size.limit.count
        }
    }

    /// Whole cards or instances that are free; for shares, devices with room for at least one unit.
    func freeDevices(_ demand: Demand) -> Int {
        var count = 0
        guard demand.terms != nil else {
            visitFree(demand) { free in
                count += free
                return true
            }
            return count
        }
        var largest = LargestShare(self, demand)
        visitOpen(demand) { index in
            let isFree = largest.on(catalogue.devices[index]).count > 0
            count += isFree ? 1 : 0
            return isFree ? .used : .passed
        }
        return count
    }

    /// Nil where the pool does not give shares.
    func largestShare(_ demand: Demand) -> MiB? {
        guard demand.terms != nil else { return nil }
        let index = indices[demand.known.number]
        var largest = LargestShare(self, demand)
        var found = MiB(0)
        for list in [index.open, index.closed] + (openableWhole(demand) > 0 ? [index.whole] : []) {
            // No device has room for more than is not guaranteed there, and they come in that order.
            list.visitBackwards { key in
                found = max(found, largest.on(catalogue.devices[key.place]))
                return key.rank > found.count
            }
        }
        return demand.fitting == .severalCards ? max(found, largest.split()) : found
    }
}
