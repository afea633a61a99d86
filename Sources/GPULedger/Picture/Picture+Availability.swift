// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// Never fails: what a pool cannot give has a total of 0.
    func availability(of request: GPURequest, now: Instant) -> Availability {
        guard let demand = try? Demand(request, in: catalogue) else { return .never(request) }
        let freeNow = count(demand)
        let total = total(demand)
        let next = freeNow > 0 || total == 0 ? nil : nextFree(for: demand, now: now)
        return Availability(
            request: request,
            state: freeNow > 0 ? .now : .later,
            freeNow: freeNow,
            total: total,
            limitedBy: freeNow > 0 ? nil : limit(of: demand),
            largestShareNow: largestShare(demand),
            nextFreeBy: next,
            confidence: freeNow > 0 || total == 0 ? .none : next == nil ? .unbounded : .byWalltime,
            share: share(demand),
            deficit: deficit(ofPool: request.pool)
        )
    }

    /// Why `demand`, which `place` could not place, does not fit.
    func shortage(of demand: Demand, now: Instant) -> Shortage {
        let isPossible = total(demand) > 0
        return Shortage(
            pool: demand.pool.name,
            reason: !isPossible && !isWithheld(demand)
                ? .tooLarge
                : limit(of: demand) == .fragmentation
                    ? .fragmented : .full,
            freeNow: freeDevices(demand),
            largestShareNow: largestShare(demand),
            nextFreeBy: isPossible ? nextFree(for: demand, now: now) : nil
        )
    }

    private func limit(of demand: Demand) -> Availability.LimitedBy {
        if isWithheld(demand) { return .maintenance }
        return fitsInSum(demand) ? .fragmentation : .capacity
    }

    /// Whether it would fit now if nothing were withheld.
    private func isWithheld(_ demand: Demand) -> Bool {
        guard !withheld.isEmpty else { return false }
        switch demand.amount {
        case .devices(let count, as: _):
            return demand.known.ranges.contains { range in
                demand.devices[range.devices].reduce(0) { $0 + unheld(of: demand.known, on: $1) } >= count
                    && demand.devices[range.devices].contains(where: isWithheld)
            }
        case .share(let size):
            return demand.known.ranges.contains { range in
                isWithheld(demand.devices[range.devices.lowerBound])
                    && fits(size, demand, cards(range.devices, of: demand), openable: .max) {
                        certainty(range.devices, onNode: range.node, of: demand, use: use(of:))
                    }
            }
        }
    }

    private func share(_ demand: Demand) -> Availability.Share? {
        guard case .share(let size) = demand.amount else { return nil }
        let next = placeShare(size, of: demand)?.first.flatMap { catalogue.device($0.device) }
        return Availability.Share(
            guaranteed: size.memory, max: size.limit, sharers: next.map { use(of: $0).holds.count })
    }

    /// Live reservations of the pool with a part on a device that does not bear it any more.
    func deficit(ofPool pool: String) -> Int {
        var found = Set(astray.filter { $1.contains { $0.pool == pool } }.keys)
        for index in unsound {
            let device = catalogue.devices[index]
            let use = use(of: device)
            let broken = use.holds.filter { $0.pool == pool && $0.place.bearer == device.id }
            found.formUnion(broken.filter { !isBorne($0, by: device, use) }.map(\.reservationID))
        }
        return found.count
    }
}

extension Availability {
    /// Nothing can be said of it now.
    static func unknown(_ request: GPURequest) -> Availability { nothing(request, .unknown, .staleData) }

    fileprivate static func never(_ request: GPURequest) -> Availability { nothing(request, .later, .capacity) }

    private static func nothing(_ request: GPURequest, _ state: State, _ limitedBy: LimitedBy) -> Availability {
        Availability(
            request: request, state: state, freeNow: 0, total: 0, limitedBy: limitedBy, largestShareNow: nil,
            nextFreeBy: nil, confidence: .none, share: nil, deficit: 0)
    }
}
