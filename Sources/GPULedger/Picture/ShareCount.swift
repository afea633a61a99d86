// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// How many shares of one size fit one after the other: as many as `ShareSearch` finds places for.
struct ShareCount {
    private let picture: Picture
    private let demand: Demand
    private let size: ShareSize
    private var found = 0
    /// By device.
    private var taken: [Int: Int] = [:]
    /// By node: how many more fit for certain.
    private var left: [Int: Int] = [:]
    private var certain: CertainNodes

    private static let most = Availability.countMax

    init(_ picture: Picture, _ size: ShareSize, of demand: Demand) {
        (self.picture, self.size, self.demand) = (picture, size, demand)
        certain = CertainNodes(picture, demand)
    }

    /// At most `Availability.countMax`.
    mutating func all() -> Int {
        switch demand.fitting {
        case .oneCard: visit { count, index in count.picture.count(count.size, on: index, count.demand) }
        case .oneCardForCertain:
            // Which cards are opened matters where only so many may be.
            if demand.terms?.policy == .spread { visit(isOpenToo: false) { $0.take($1, atMost: 1) } }
            visit { $0.take($1, atMost: Self.most) }
        case .severalCards:
            var cards = SplitCount(picture, demand)
            found = cards.count(of: size)
        }
        return min(found, Self.most)
    }

    private mutating func visit(isOpenToo: Bool = true, _ take: (inout Self, Int) -> Int) {
        let (picture, start) = (picture, PoolIndex.Key.from(size.request(of: demand)))
        picture.visitOpen(demand, from: start, isOpenToo: isOpenToo) { index in
            let number = take(&self, index)
            found += number
            if found >= Self.most { return .enough }
            return number > 0 || taken[index] ?? 0 > 0 ? .used : .passed
        }
    }

    private mutating func take(_ index: Int, atMost most: Int) -> Int {
        let device = picture.catalogue.devices[index]
        let room = picture.count(size, on: index, demand) - (taken[index] ?? 0)
        guard room > 0 else { return 0 }
        let units = demand.size(size, on: device).units
        let certain = left[device.nodeNumber] ?? certain[device].count(of: units, atMost: Self.most)
        let number = min(room, most, certain)
        left[device.nodeNumber] = certain - number
        taken[index, default: 0] += number
        return number
    }
}

/// The same where a share may be split.
struct SplitCount {
    private let picture: Picture
    private let demand: Demand
    /// By node, in the order in which `ShareSearch` looks at them.
    private var nodes: [(node: Int, cards: [ShareCard])]
    /// How many more cards that could be given whole may be opened.
    private var openable: Int

    init(_ picture: Picture, _ demand: Demand) {
        (self.picture, self.demand) = (picture, demand)
        nodes = demand.known.ranges.map { ($0.node, picture.cards($0.devices, of: demand)) }
        openable = picture.openableWhole(demand)
    }

    /// Of a pool that nobody has anything of.
    init(empty picture: Picture, _ demand: Demand) {
        (self.picture, self.demand) = (picture, demand)
        nodes = demand.known.ranges.map { range in
            (
                range.node,
                picture.cards(range.devices, of: demand, use: { _ in DeviceUse() }, isKeptOpen: { _ in false })
            )
        }
        let whole = nodes.flatMap(\.cards).count { $0.isWhole && !picture.isWithheld($0.device) }
        openable = max(0, whole - (demand.terms?.headroom ?? 0))
    }

    /// First on one card each, as long as that goes anywhere.
    mutating func count(of size: ShareSize) -> Int {
        var found = 0
        for (node, card) in order where !nodes[node].cards[card].isWhole { found += fill(node, card, size) }
        for (node, card) in order where nodes[node].cards[card].isWhole && openable > 0 {
            let number = fill(node, card, size)
            guard number > 0 else { continue }
            open(node, card)
            found += number
        }
        for node in nodes.indices {
            guard let share = picture.splitShare(size, onNode: nodes[node].node, demand) else { continue }
            while found < Availability.countMax, splitOne(share, node) { found += 1 }
        }
        return found
    }

    /// The smallest first, as `ShareSearch` opens them.
    private var order: [(node: Int, card: Int)] {
        let all = nodes.indices.flatMap { node in nodes[node].cards.indices.map { (node: node, card: $0) } }
        return all.sorted { key($0) < key($1) }
    }

    private func key(_ place: (node: Int, card: Int)) -> (Int, Int) {
        let card = nodes[place.node].cards[place.card]
        return (card.room.memory.count, card.device.index)
    }

    private mutating func fill(_ node: Int, _ card: Int, _ size: ShareSize) -> Int {
        let known = nodes[node].cards[card]
        guard !picture.isWithheld(known.device), demand.allows(known.device) else { return 0 }
        let size = demand.size(size, on: known.device)
        let number = known.room.count(of: size)
        nodes[node].cards[card].room = known.room.beside(size, number)
        return number
    }

    private mutating func open(_ node: Int, _ card: Int) {
        nodes[node].cards[card].isWhole = false
        openable -= 1
    }

    private mutating func splitOne(_ share: SplitShare, _ node: Int) -> Bool {
        guard let parts = share.parts(on: nodes[node].cards, openable: openable) else { return false }
        for (card, units) in parts {
            if nodes[node].cards[card].isWhole { open(node, card) }
            nodes[node].cards[card].room = nodes[node].cards[card].room.beside(share.part(units))
        }
        return true
    }
}
