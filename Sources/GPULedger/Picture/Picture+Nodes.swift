// SPDX-License-Identifier: Apache-2.0
import SpawnModel

// A node as a whole, for shares that one device does not decide on.

extension Picture {
    /// The pool's devices on a node that shares could be on; what is withheld is among them.
    ///
    /// - Parameters:
    ///   - use: what is on a device.
    ///   - isKeptOpen: whether an empty one is still with shares.
    func cards(
        _ devices: Range<Int>, of demand: Demand, use: (Device) -> DeviceUse, isKeptOpen: (Device) -> Bool
    ) -> [ShareCard] {
        demand.devices[devices].compactMap { device in
            let use = use(device)
            guard let room = ShareRoom(device, use, wanted: demand.terms) else { return nil }
            return ShareCard(
                device: device, room: room,
                isWhole: use.holds.isEmpty && !isKeptOpen(device) && catalogue.isWantedWhole(device))
        }
    }

    /// As it is now.
    func cards(_ devices: Range<Int>, of demand: Demand) -> [ShareCard] {
        cards(devices, of: demand, use: use(of:)) { keptOpen[$0.index] != nil }
    }

    /// Whether a share fits on a node that is so.
    ///
    /// - Parameter openable: how many of `cards` that could be given whole may be opened.
    func fits(
        _ size: ShareSize, _ demand: Demand, _ cards: [ShareCard], openable: Int, certain: () -> CertainFit
    ) -> Bool {
        let fitting = cards.first { card in
            (!card.isWhole || openable > 0) && card.room.fits(demand.size(size, on: card.device))
        }
        switch demand.fitting {
        case .oneCard: return fitting != nil
        case .oneCardForCertain:
            return fitting.map { certain().fits(demand.size(size, on: $0.device).units) } ?? false
        case .severalCards:
            guard fitting == nil, let device = cards.first?.device,
                let unit = demand.known.unit(onNode: device.nodeNumber)
            else { return fitting != nil }
            let share = SplitShare(size: demand.size(size, on: device), unit: unit)
            return share.parts(on: cards, openable: openable) != nil
        }
    }

    /// What is certain of a node while it is not known on which of its cards the shares are.
    func certainty(_ devices: Range<Int>, onNode node: Int, of demand: Demand, use: (Device) -> DeviceUse) -> CertainFit
    {
        let unit = demand.known.unit(onNode: node) ?? MiB(1)
        var fit = CertainFit()
        for device in demand.devices[devices] {
            let use = use(device)
            guard use.isOpenToShares else { continue }
            let seen = use.holds.filter { !isUnseen($0) }.reduce(MiB(0)) { $0 + $1.place.memory }
            fit.free.append(max(0, (device.memory - seen).count) / (device.unit ?? unit).count)
        }
        let ofNode = catalogue.nodes[node]
        let held = ofNode.devices.flatMap { index in
            use(catalogue.devices[index]).holds.filter { $0.place.device == catalogue.devices[index].id }
        }
        let astray = astray.values.flatMap { $0 }.filter { $0.place.node == ofNode.name }
        for hold in held + astray where hold.mode == .shared && isUnseen(hold) {
            guard mayBeAmong(demand.devices[devices], hold, demand.pool) else { continue }
            let units = (hold.place.memory.count + unit.count - 1) / unit.count
            if isInParts(hold) { fit.unseen.add(inParts: units) } else { fit.unseen.add(units) }
        }
        return fit
    }

    /// Whether nobody knows on which card it is; of a pool that there is not any more, nobody knows either.
    private func isUnseen(_ hold: Hold) -> Bool {
        guard let backend = catalogue[pool: hold.pool]?.pool.backend else { return true }
        return backend.cardChoice == .unknown || backend.splitsOverCards
    }

    /// What is not ours may be of several containers.
    private func isInParts(_ hold: Hold) -> Bool {
        hold.isForeign || catalogue[pool: hold.pool]?.pool.backend.splitsOverCards ?? false
    }

    private func mayBeAmong(_ devices: ArraySlice<Device>, _ hold: Hold, _ pool: Pool) -> Bool {
        guard let other = catalogue[pool: hold.pool]?.pool else { return true }
        return other.name == pool.name || other.resourceName == pool.resourceName
            || devices.contains { $0.pools.contains(other.name) }
    }
}

/// `Picture.certainty`, worked out once a node.
struct CertainNodes {
    let picture: Picture
    let demand: Demand
    private var known: [Int: CertainFit] = [:]

    init(_ picture: Picture, _ demand: Demand) { (self.picture, self.demand) = (picture, demand) }

    subscript(device: Device) -> CertainFit {
        mutating get {
            let node = device.nodeNumber
            if let fit = known[node] { return fit }
            let range = picture.catalogue.nodes[node].pools.first { $0.number == demand.known.number }
            let fit = picture.certainty(
                range?.devices ?? 0..<0, onNode: node, of: demand, use: picture.use(of:))
            known[node] = fit
            return fit
        }
    }
}
