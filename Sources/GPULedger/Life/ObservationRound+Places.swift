// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// The scheduler chooses the node, within the pool. What is expected follows what is seen.

extension ObservationRound {
    /// Reservations whose pods are on other nodes than expected are laid there, all in one go: two may have changed
    /// places.
    mutating func placeAnew(in shared: SharedPicture) throws(StorageError) {
        let displaced = whereabouts.filter(\.isDisplaced)
        let picture = try shared.working(rows)
        guard !displaced.isEmpty || !picture.unsound.isEmpty else { return }
        var replacing = Replacing(picture, sighted: Set(whereabouts.filter { $0.sighting != nil }.map(\.id)))
        for (one, places) in replacing.lay(try seated(displaced.prefix(changesMost), in: picture.catalogue)) {
            let words = "\(one.sighting.words), expected on \(one.whereabouts.expected)"
            try place(one.stored, on: places, one.demand.mode, words)
        }
        let crowded = replacing.crowded
        let cramped = whereabouts.filter { !$0.isDisplaced && crowded.contains($0.id) }
        // The newest moves on, as with what gives way.
        for one in try seated(cramped.reversed(), in: picture.catalogue) where changesMost > 0 {
            guard let places = replacing.ease(one) else { continue }
            try place(
                one.stored, on: places, one.demand.mode, "\(one.sighting.words), where there is room now")
        }
    }

    /// Reservations whose pods have no node yet go elsewhere, as a new one would, where others' pods are in their place or
    /// the scheduler takes their node no more. Without room elsewhere they stay: a deficit.
    mutating func giveWay(in shared: SharedPicture) throws(StorageError) {
        // Half a snapshot may lack the pod that has its node.
        guard index.provesAbsence else { return }
        let cordoned = Set(withheld.filter { $0.reason == .cordoned }.map(\.node))
        var picture = try shared.working(rows)
        let open = whereabouts.filter(\.isOpen)
        guard open.contains(where: { cordoned.contains($0.expected) || !picture.bears($0.id) }) else { return }
        picture.take(
            OutsideUse(foreign: foreign, withheld: withheld, drained: try rows.drainedNodes()), now: now)
        picture.advance(to: now)
        // The newest first, until the rest is borne.
        for one in open.reversed() where changesMost > 0 {
            let isCordoned = cordoned.contains(one.expected)
            guard isCordoned || !picture.bears(one.id), let stored = try rows.reservation(one.id),
                let demand = demand(of: stored, in: picture.catalogue), let places = picture.move(one.id, to: demand)
            else { continue }
            let words = isCordoned ? "node \(one.expected) is cordoned" : "others are in its place on \(one.expected)"
            try place(stored, on: places, demand.mode, words)
        }
    }

    private func seated(
        _ found: some Sequence<Whereabouts>, in catalogue: DeviceCatalogue
    ) throws(StorageError) -> [Replacing.Seated] {
        var seated: [Replacing.Seated] = []
        for one in found {
            guard let sighting = one.sighting, let stored = try rows.reservation(one.id),
                let demand = demand(of: stored, in: catalogue)
            else { continue }
            seated.append(
                .init(
                    whereabouts: one, sighting: sighting, stored: stored, demand: demand.restricted(to: sighting.node)))
        }
        return seated
    }

    /// Nil where its pool is gone or gives something else by now: then it stays where it was expected.
    private func demand(of stored: StoredReservation, in catalogue: DeviceCatalogue) -> Demand? {
        stored.reservation.gpu.flatMap { try? Demand($0, in: catalogue) }
    }

    private mutating func place(
        _ stored: StoredReservation, on places: [Place], _ mode: Hold.Mode, _ evidence: String
    ) throws(StorageError) {
        changesMost -= 1
        changed.append(try rows.placeAnew(stored, on: places, mode, evidence: evidence, at: now))
    }
}

extension Picture {
    /// False only where a device that there is has more to bear than it can.
    fileprivate func bears(_ id: String) -> Bool {
        holds(of: id).allSatisfy { catalogue.device(bearing: $0.place) == nil || isBorne($0) }
    }

    /// Places it as if it were new; nil, and as before, where it does not fit.
    fileprivate mutating func move(_ id: String, to demand: Demand) -> [Place]? {
        let before = holds(of: id)
        guard let first = before.first else { return nil }
        set([], of: id)
        let places = place(demand)
        set(places.map { $0.map { first.moved(to: $0) } } ?? before, of: id)
        return places
    }
}

extension Hold {
    func moved(to place: Place) -> Hold {
        Hold(reservationID: reservationID, pool: pool, mode: mode, place: place, lasts: lasts)
    }
}
