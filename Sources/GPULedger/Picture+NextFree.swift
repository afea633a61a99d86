// SPDX-License-Identifier: Apache-2.0
import SpawnModel

extension Picture {
    /// The latest time by which the demand fits if every reservation in its way runs to the end of its walltime.
    ///
    /// Rounded up to 5 minutes, so that it says less about one person's session. Nil when something without an end is
    /// in the way everywhere. Devices (for shares) and nodes (for several) do not depend on each other, so the first
    /// of them that fits gives the answer.
    func nextFree(for demand: Demand, now: Instant) -> Instant? {
        let first =
            switch demand.amount {
            case .devices(let count, as: _): earliest(count, of: demand, now)
            case .share(let size): demand.devices.compactMap { earliest(size, on: $0, demand, now) }.min()
            }
        return first?.roundedUpToFiveMinutes
    }

    /// Per node the time at which the `count`th device is free; the earliest of the nodes.
    private func earliest(_ count: Int, of demand: Demand, _ now: Instant) -> Instant? {
        Dictionary(grouping: demand.devices, by: \.node).values.compactMap { devices -> Instant? in
            let ends = devices.compactMap { latestEnd(of: use(of: $0).holds, now) }.sorted()
            return ends.count >= count ? ends[count - 1] : nil
        }.min()
    }

    private func latestEnd(of holds: [Hold], _ now: Instant) -> Instant? {
        holds.reduce(now as Instant?) { latest, hold in
            guard let latest, let end = hold.lasts.latestEnd(now: now) else { return nil }
            return max(latest, end)
        }
    }

    /// Takes the holds away in the order of their ends until the share fits beside the rest.
    private func earliest(_ size: ShareSize, on device: Device, _ demand: Demand, _ now: Instant) -> Instant? {
        var rest = use(of: device).holds.map { (hold: $0, end: $0.lasts.latestEnd(now: now)) }
        var reached = now
        while !isRoom(for: size, on: device, beside: rest.map(\.hold), demand) {
            guard let next = rest.compactMap(\.end).min() else { return nil }
            rest.removeAll { $0.end == next }
            reached = next
        }
        return reached
    }

    private func isRoom(for size: ShareSize, on device: Device, beside holds: [Hold], _ demand: Demand) -> Bool {
        var use = DeviceUse()
        for hold in holds { use.add(hold, on: device, terms: catalogue[pool: hold.pool]?.pool.sharedTerms) }
        return ShareRoom(device, use, wanted: demand.terms)?.fits(size) ?? false
    }
}

extension Instant {
    var roundedUpToFiveMinutes: Instant {
        let step: Int64 = 300_000
        let over = unixMilliseconds % step
        return over == 0 ? self : Instant(unixMilliseconds: unixMilliseconds + (over > 0 ? step - over : -over))
    }
}
