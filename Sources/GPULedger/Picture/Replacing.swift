// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// Lays reservations where their pods are. Devices are counted as they are, whatever is granted on them: a node that takes
/// nothing new has these pods all the same.
struct Replacing {
    /// A reservation whose pod's node is known.
    struct Seated {
        let whereabouts: Whereabouts
        let sighting: Whereabouts.Sighting
        let stored: StoredReservation
        /// Restricted to the pod's node.
        let demand: Demand

        var id: String { whereabouts.id }
    }

    /// All that is held.
    private var all: Picture
    /// What pods were seen of, and nothing else.
    private var seen: Picture
    private var holds: [String: [Hold]]

    /// - Parameter sighted: those whose pods' nodes are known.
    init(_ picture: Picture, sighted: Set<String>) {
        holds = Dictionary(grouping: picture.holds, by: \.reservationID)
        all = Picture(picture.catalogue, picture.holds)
        seen = Picture(picture.catalogue, picture.holds.filter { sighted.contains($0.reservationID) })
    }

    /// Reservations that share a device which does not bear them all.
    var crowded: Set<String> {
        let devices = all.unsound.map { all.catalogue.devices[$0] }
        return Set(devices.flatMap { all.use(of: $0).holds }.filter { !all.isBorne($0) }.map(\.reservationID))
    }

    /// Takes all of `displaced` out and lays each on its pod's node: beside what is there, else where only those are of
    /// which no pod was seen, else over what the devices have. The largest first, since they find room hardest.
    ///
    /// One whose node has too few devices of its pool stays where it was expected.
    mutating func lay(_ displaced: [Seated]) -> [(Seated, [Place])] {
        let laid = displaced.filter { seen.placeOver($0.demand) != nil }
            .sorted { ($1.demand.size, $0.whereabouts.number) < ($0.demand.size, $1.whereabouts.number) }
        for one in laid { set([], of: one.id) }
        var moves: [(Seated, [Place])] = []
        for one in laid {
            let places = all.place(one.demand) ?? seen.place(one.demand) ?? seen.placeOver(one.demand) ?? []
            set(places, of: one.id)
            moves.append((one, places))
        }
        return moves
    }

    /// Where one of `crowded` has room on its node by now; nil where it stays as it is.
    mutating func ease(_ one: Seated) -> [Place]? {
        let before = holds[one.id] ?? []
        guard before.contains(where: { !all.isBorne($0) }) else { return nil }
        let isCrowdedBySeen = before.contains { !seen.isBorne($0) }
        set([], of: one.id)
        guard let places = all.place(one.demand) ?? (isCrowdedBySeen ? seen.place(one.demand) : nil),
            Set(places) != Set(before.map(\.place))
        else {
            restore(before, of: one.id)
            return nil
        }
        set(places, of: one.id)
        return places
    }

    private mutating func set(_ places: [Place], of id: String) {
        guard let first = holds[id]?.first else { return }
        restore(places.map { first.moved(to: $0) }, of: id)
    }

    private mutating func restore(_ holds: [Hold], of id: String) {
        all.set(holds, of: id)
        seen.set(holds, of: id)
        if !holds.isEmpty { self.holds[id] = holds }
    }
}

extension Demand {
    /// For comparing demands of one pool.
    fileprivate var size: Int {
        switch amount {
        case .devices(let count, as: _): count
        case .share(let size): size.memory.count
        }
    }
}
