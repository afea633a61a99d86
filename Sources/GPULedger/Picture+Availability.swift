// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// Never fails: what a pool cannot give has a total of 0.
    func availability(of request: GPURequest, now: Instant) -> Availability {
        guard let demand = try? Demand(request, in: catalogue) else { return .never(request) }
        let freeNow = count(demand)
        let total = emptied.count(demand)
        return Availability(
            request: request,
            freeNow: freeNow,
            total: total,
            limitedBy: freeNow > 0 ? nil : limit(of: demand),
            largestShareNow: largestShare(demand),
            nextFreeBy: freeNow > 0 || total == 0 ? nil : nextFree(for: demand, now: now),
            deficit: deficit(ofPool: request.pool)
        )
    }

    /// Why `demand`, which `place` could not place, does not fit.
    func shortage(of demand: Demand, now: Instant) -> Shortage {
        let isPossible = emptied.count(demand) > 0
        return Shortage(
            pool: demand.pool.name,
            reason: !isPossible ? .tooLarge : limit(of: demand) == .capacity ? .full : .fragmented,
            freeNow: freeDevices(demand),
            largestShareNow: largestShare(demand),
            nextFreeBy: isPossible ? nextFree(for: demand, now: now) : nil
        )
    }

    private func limit(of demand: Demand) -> Availability.LimitedBy {
        fitsInSum(demand) ? .fragmentation : .capacity
    }

    /// Live reservations of the pool with a part on a device that does not bear it any more.
    func deficit(ofPool pool: String) -> Int {
        Set(holds.filter { $0.pool == pool && !isBorne($0) }.map(\.reservationID)).count
    }

    func isBorne(_ hold: Hold) -> Bool {
        guard let device = catalogue.device(hold.place.device) else { return false }
        let use = use(of: device)
        return switch hold.mode {
        case .whole: device.profile == nil && use.holds.count == 1
        case .mig: device.profile != nil && use.holds.count == 1
        case .shared: ShareRoom(device, use, wanted: nil)?.isSound ?? false
        }
    }
}

extension Availability {
    /// Nothing can be said of it now.
    static func unknown(_ request: GPURequest) -> Availability {
        Availability(
            request: request, freeNow: 0, total: 0, limitedBy: .staleData, largestShareNow: nil, nextFreeBy: nil,
            deficit: 0)
    }

    fileprivate static func never(_ request: GPURequest) -> Availability {
        Availability(
            request: request,
            freeNow: 0,
            total: 0,
            limitedBy: .capacity,
            largestShareNow: nil,
            nextFreeBy: nil,
            deficit: 0
        )
    }
}
