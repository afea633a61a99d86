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
        let walk = ShareWalk(self, size, of: demand, now: now, opening: opening(for: demand, now))
        var earliest: Instant?
        for range in demand.known.ranges where !isWithheld(demand.devices[range.devices.lowerBound]) {
            earliest = walk.earliest(range.devices, onNode: range.node, before: earliest) ?? earliest
        }
        return earliest
    }

    /// When one more of the cards that are kept for whole use may be opened, and another, and so on; nil where none is
    /// kept.
    private func opening(for demand: Demand, _ now: Instant) -> [Instant]? {
        guard let headroom = demand.terms?.headroom, headroom > 0 else { return nil }
        let whole = demand.known.whole.compactMap { freeWhole($0, now) }
        return Array(whole.sorted().dropFirst(headroom))
    }
}

extension Instant {
    var roundedUpToFiveMinutes: Instant {
        let step: Int64 = 300_000
        let over = unixMilliseconds % step
        return over == 0 ? self : Instant(unixMilliseconds: unixMilliseconds + (over > 0 ? step - over : -over))
    }
}
