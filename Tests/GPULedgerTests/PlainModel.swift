// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel

/// The plainest model that can be right: the reservations that the ledger says are live, and sums over them. It shares
/// no code with the ledger.
struct PlainModel {
    let inventory: Inventory
    let live: [Reservation]

    init(_ inventory: Inventory, _ reservations: [Reservation]) {
        self.inventory = inventory
        live = reservations.filter(\.state.holdsCapacity)
    }

    enum Mode { case whole, mig, shared }

    struct Spot {
        let id: String
        let node: String
        let card: String
        let memory: Int
        let profile: MIGProfile?
        let pools: [String]
    }

    /// Cards without instances, and instances.
    var spots: [Spot] {
        var spots: [Spot] = []
        for node in inventory.nodes {
            for card in node.cards {
                if card.migInstances.isEmpty {
                    spots.append(
                        Spot(
                            id: card.uuid,
                            node: node.name,
                            card: card.uuid,
                            memory: card.memory.count,
                            profile: nil,
                            pools: card.pools
                        )
                    )
                }
                for part in card.migInstances {
                    spots.append(
                        Spot(
                            id: part.id,
                            node: node.name,
                            card: card.uuid,
                            memory: part.memory.count,
                            profile: part.profile,
                            pools: part.pools
                        )
                    )
                }
            }
        }
        return spots
    }

    func pool(_ name: String) -> Pool? { inventory.pools.first { $0.name == name } }

    func users(of device: String) -> [Reservation] {
        live.filter { $0.placement.contains { $0.device == device } }
    }

    func mode(of reservation: Reservation) -> Mode? {
        switch reservation.gpu?.amount {
        case .cards: .whole
        case .migInstances: .mig
        case .share: .shared
        case nil: nil
        }
    }

    /// The tests' instances are called after their card: `card/number`.
    func card(of device: String) -> String { String(device.prefix { $0 != "/" }) }

    func memory(_ reservation: Reservation) -> Int {
        guard let gpu = reservation.gpu, let terms = pool(gpu.pool)?.terms else { return 0 }
        return reservation.placement.reduce(0) { $0 + $1.units } * terms.unit.count
    }

    func limit(_ reservation: Reservation) -> Int {
        guard case .share(_, let limit) = reservation.gpu?.amount else { return 0 }
        return max(limit.count, memory(reservation))
    }

    /// Whether the sums on `device` are within what every pool with a share there promises.
    func isSound(_ device: String) -> Bool {
        guard let spot = spots.first(where: { $0.id == device }) else { return false }
        let sharers = users(of: device)
        let memory = sharers.reduce(0) { $0 + self.memory($1) }
        let limits = sharers.reduce(0) { $0 + limit($1) }
        return sharers.allSatisfy { reservation in
            guard let terms = reservation.gpu.flatMap({ pool($0.pool)?.terms }) else { return false }
            return memory <= spot.memory && limits * 100 <= spot.memory * terms.overcommitPercent
                && limit(reservation) <= spot.memory && sharers.count <= terms.sharersMax
        }
    }

    /// Whether there is any way to place `request`, by trying each device or node with what `server` holds gone.
    func canPlace(_ request: GPURequest, for server: ServerID) -> Bool {
        let others = PlainModel(inventory, live.filter { $0.server != server })
        guard let pool = pool(request.pool) else { return false }
        let mine = spots.filter { $0.pools.contains(pool.name) }
        switch request.amount {
        case .cards(let count):
            let free = mine.filter { $0.profile == nil && others.isUntouched(card: $0.card) }
            return inventory.nodes.contains { node in free.count { $0.node == node.name } >= count }
        case .migInstances(let count) where pool.migLayout == .onDemand:
            return inventory.nodes.contains { node in
                mine.filter { $0.node == node.name }.reduce(0) { $0 + others.starts(of: pool, on: $1).count } >= count
            }
        case .migInstances(let count):
            let free = mine.filter { pool.mode == .mig($0.profile ?? MIGProfile("")) && others.isFreeInstance($0) }
            return inventory.nodes.contains { node in free.count { $0.node == node.name } >= count }
        case .share:
            return mine.contains { others.takes(request, of: pool, on: $0) }
        }
    }

    /// Where one more instance of a pool that is made on demand may begin on the card: NVIDIA's list, by hand.
    func starts(of pool: Pool, on spot: Spot) -> [Int] {
        let shapes = ["1g.5gb": (1, Array(0...6)), "3g.20gb": (4, [0, 4])]
        guard case .mig(let profile) = pool.mode, spot.profile == nil, spot.memory == 40 * 1024,
            let (length, starts) = shapes[profile.name]
        else { return [] }
        let taken = live.flatMap(\.placement).filter { card(of: $0.device) == spot.card }.map { eighths(of: $0.device) }
        return starts.filter { start in !taken.contains { $0.overlaps(start..<start + length) } }
    }

    /// `card/profile@start`; what does not say where it is has all of the card.
    private func eighths(of device: String) -> Range<Int> {
        let parts = device.split(separator: "@")
        guard parts.count == 2, let start = Int(parts[1]) else { return 0..<8 }
        return start..<start + (parts[0].hasSuffix("3g.20gb") ? 4 : 1)
    }

    /// Instances made on demand, where another of the same card lies.
    var overlapping: [String] {
        let made = live.flatMap(\.placement).map(\.device).filter { $0.contains("@") }
        return made.enumerated().filter { place, device in
            made[..<place].contains {
                card(of: $0) == card(of: device) && eighths(of: $0).overlaps(eighths(of: device))
            }
        }.map(\.element)
    }

    /// The part of the inventory that a placement is on.
    func spot(of device: String) -> Spot? {
        spots.first { $0.id == device } ?? spots.first { $0.id == card(of: device) && device.contains("@") }
    }

    private func isUntouched(card: String) -> Bool {
        !live.contains { $0.placement.contains { self.card(of: $0.device) == card } }
    }

    private func isFreeInstance(_ spot: Spot) -> Bool { users(of: spot.id).isEmpty && users(of: spot.card).isEmpty }

    /// Tries it: adds such a reservation to the list and looks at the sums.
    private func takes(_ request: GPURequest, of pool: Pool, on spot: Spot) -> Bool {
        guard case .share(let memory, _) = request.amount, let terms = pool.terms else { return false }
        let inTheWay = live.filter { reservation in
            reservation.placement.contains { part in
                spot.profile == nil
                    ? card(of: part.device) == spot.card && (part.device != spot.id || mode(of: reservation) != .shared)
                    : part.device == spot.card || part.device == spot.id && mode(of: reservation) != .shared
            }
        }
        guard inTheWay.isEmpty else { return false }
        let units = (memory.count + terms.unit.count - 1) / terms.unit.count
        let tried = Reservation(
            id: "tried",
            server: server("tried"),
            start: start("1"),
            state: .held,
            revision: 1,
            gpu: request,
            placement: [.init(node: spot.node, device: spot.id, units: units)],
            terms: "",
            createdAt: noon,
            heldUntil: noon,
            endsBy: nil
        )
        return PlainModel(inventory, live + [tried]).isSound(spot.id)
    }
}

extension Pool {
    var terms: SharedTerms? {
        if case .shared(let terms) = mode { terms } else { nil }
    }
}
