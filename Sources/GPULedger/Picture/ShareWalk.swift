// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Takes the holds of a node away in the order of their ends until a share fits there.
struct ShareWalk {
    private let picture: Picture
    private let size: ShareSize
    private let demand: Demand
    private let now: Instant
    /// When one more card that could be given whole may be opened, and another, in order; nil: any, at any time.
    private let opening: [Instant]?

    init(_ picture: Picture, _ size: ShareSize, of demand: Demand, now: Instant, opening: [Instant]?) {
        (self.picture, self.size, self.demand, self.now, self.opening) = (picture, size, demand, now, opening)
    }

    /// Nil as well when that is not before `bound`.
    func earliest(_ devices: Range<Int>, onNode node: Int, before bound: Instant?) -> Instant? {
        var state = State(picture, node)
        for time in times(state, atMost: devices.count) {
            guard bound.map({ time < $0 }) ?? true else { return nil }
            state.end(at: time, now: now, picture)
            if fits(devices, node, state, at: time) { return time }
        }
        return nil
    }

    private func times(_ state: State, atMost most: Int) -> [Instant] {
        let ends = state.uses.flatMap(\.holds).compactMap { $0.lasts.latestEnd(now: now) }
        return Set([now] + ends + (opening?.prefix(most) ?? []).filter { $0 > now }).sorted()
    }

    private func fits(_ devices: Range<Int>, _ node: Int, _ state: State, at time: Instant) -> Bool {
        let cards = picture.cards(
            devices, of: demand, use: { state[$0] }, isKeptOpen: { state.keptOpen[$0.index].map { $0 > time } ?? false }
        )
        return picture.fits(size, demand, cards, openable: opening?.count { $0 <= time } ?? .max) {
            picture.certainty(devices, onNode: node, of: demand) { state[$0] }
        }
    }

    /// A node at one time of the walk.
    private struct State {
        private let first: Int
        private(set) var uses: [DeviceUse]
        /// Until when devices stay with shares, by index.
        private(set) var keptOpen: [Int: Instant]

        init(_ picture: Picture, _ node: Int) {
            let devices = picture.catalogue.nodes[node].devices
            first = devices.lowerBound
            uses = devices.map { picture.use(of: picture.catalogue.devices[$0]) }
            keptOpen = picture.keptOpen.isEmpty ? [:] : picture.keptOpen.filter { devices.contains($0.key) }
        }

        subscript(device: Device) -> DeviceUse { uses[device.index - first] }

        mutating func end(at time: Instant, now: Instant, _ picture: Picture) {
            for place in uses.indices {
                let (over, rest) = uses[place].holds.split { $0.lasts.latestEnd(now: now).map { $0 <= time } ?? false }
                guard !over.isEmpty else { continue }
                let device = picture.catalogue.devices[first + place]
                uses[place] = DeviceUse(rest, on: device, picture.catalogue)
                for hold in over where hold.mode == .shared {
                    guard let until = picture.keptOpenUntil(ofPool: hold.pool, time) else { continue }
                    keptOpen[device.index] = max(keptOpen[device.index] ?? until, until)
                }
            }
        }
    }
}

extension [Hold] {
    /// Those for which it is so, and the others, each in their order.
    fileprivate func split(_ isSo: (Hold) -> Bool) -> (over: [Hold], rest: [Hold]) {
        (filter(isSo), filter { !isSo($0) })
    }
}
