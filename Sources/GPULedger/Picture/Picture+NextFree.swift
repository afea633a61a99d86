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
            case .devices(let count, as: _):
                demand.known.isOnDemand
                    ? earliestOnDemand(count, of: demand, now) : earliest(count, of: demand, now)
            case .share(let size): earliest(size, of: demand, now)
            }
        return first?.roundedUpToFiveMinutes
    }

    /// Per node the time at which the `count`th device is free; the earliest of the nodes.
    private func earliest(_ count: Int, of demand: Demand, _ now: Instant) -> Instant? {
        var earliest: Instant?
        for range in demand.known.ranges where range.devices.count >= count {
            let ends = demand.devices[range.devices].compactMap { freeWhole($0, now) }
            guard ends.count >= count, let last = ends.sorted().prefix(count).last else { continue }
            earliest = min(earliest ?? last, last)
        }
        return earliest
    }

    /// When the last of the device's holds has ended, and the time after it for which it stays with shares.
    private func freeWhole(_ device: Device, _ now: Instant) -> Instant? {
        guard !isWithheld(device) else { return nil }
        let holds = use(of: device).holds
        var latest = max(now, holds.isEmpty ? keptOpen[device.index] ?? now : now)
        for hold in holds {
            guard let gone = gone(of: hold, now: now) else { return nil }
            latest = max(latest, gone)
        }
        return latest
    }

    /// When nothing of it is in the way of what is no share; nil when nobody can say.
    func gone(of hold: Hold, now: Instant) -> Instant? {
        let kept = hold.mode == .shared ? catalogue[pool: hold.pool]?.pool.sharedTerms?.keptOpenFor : nil
        return hold.lasts.latestEnd(now: now).map { $0 + (kept ?? .zero) }
    }

    private func earliest(_ size: ShareSize, of demand: Demand, _ now: Instant) -> Instant? {
        var earliest: Instant?
        // Cards that are kept for whole use stay so: only what is open now counts, or is not wanted whole.
        let mayOpen = openableWhole(demand) > 0 || demand.terms?.headroom == 0
        for device in demand.devices where !isWithheld(device) {
            guard mayOpen || isShared(device) || !catalogue.isWantedWhole(device) else { continue }
            guard let end = self.earliest(size, on: device, demand, now, before: earliest) else { continue }
            earliest = min(earliest ?? end, end)
        }
        return earliest
    }

    private func isShared(_ device: Device) -> Bool {
        keptOpen[device.index] != nil || use(of: device).terms != nil
    }

    /// Takes the holds away in the order of their ends until the share fits beside the rest; nil as well when that is
    /// not before `bound`.
    private func earliest(
        _ size: ShareSize, on device: Device, _ demand: Demand, _ now: Instant, before bound: Instant?
    ) -> Instant? {
        let size = demand.size(size, on: device)
        var rest = use(of: device).holds
        var reached = now
        while !isRoom(for: size, on: device, beside: rest, demand) {
            guard let next = rest.compactMap({ $0.lasts.latestEnd(now: now) }).min(), bound.map({ next < $0 }) ?? true
            else { return nil }
            rest.removeAll { $0.lasts.latestEnd(now: now) == next }
            reached = next
        }
        return reached
    }

    private func isRoom(for size: ShareSize, on device: Device, beside holds: [Hold], _ demand: Demand) -> Bool {
        let use = DeviceUse(holds, on: device, catalogue)
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
