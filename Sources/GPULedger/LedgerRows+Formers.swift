// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// What a server's former starts still hold when a new one comes.
struct Formers {
    /// No pod of them was seen: they give way at once.
    var yielding: [StoredReservation] = []
    /// Their pods are there: they hold what they have until these have gone.
    var staying: [StoredReservation] = []
}

extension LedgerRows {
    /// - Parameter live: what is live of the server.
    func formers(among live: [StoredReservation]) throws(StorageError) -> Formers {
        var formers = Formers()
        for former in live {
            if former.needsEvidence(standing), try hasLivingPod(former.reservation.id) {
                formers.staying.append(former)
            } else {
                formers.yielding.append(former)
            }
        }
        return formers
    }

    func hasLivingPod(_ id: String) throws(StorageError) -> Bool {
        try connection.query(
            "SELECT 1 FROM reservation_pod WHERE reservation_id = $1 AND end_evidence IS NULL LIMIT 1",
            [SQLValue(id)]
        ).first != nil
    }

    func hasMetPod(_ id: String) throws(StorageError) -> Bool {
        try connection.query(
            "SELECT 1 FROM reservation_pod WHERE reservation_id = $1 AND is_inherited = 0 LIMIT 1", [SQLValue(id)]
        ).first != nil
    }

    func holds(besides others: [StoredReservation]) throws(StorageError) -> [Hold] {
        let ids = Set(others.map(\.reservation.id))
        return try holds().filter { !ids.contains($0.reservationID) }
    }

    func makeWay(_ formers: Formers, at now: Instant) throws(StorageError) {
        for former in formers.yielding { _ = try end(former, as: .released, cause: .superseded, at: now) }
        for former in formers.staying { try askToGo(former, .superseded, at: now) }
    }

    /// The hub's word is a hint where the pod can be seen; a node that does not answer stays lost.
    @discardableResult
    func askToGo(
        _ stored: StoredReservation, _ cause: LedgerEntry.Cause, at now: Instant
    ) throws(StorageError) -> Reservation {
        guard stored.stopWantedAt == nil else { return stored.reservation }
        let to: Reservation.State = stored.reservation.state == .lost ? .lost : .releasing
        return try change(stored, Change(to: to, cause: cause, stopWantedAt: now), at: now)
    }

    /// A new start of the same kind goes to the very devices of the one before, whose pod is on its way out: both have
    /// one name, so the new pod cannot be before the old one has gone.
    func takeOver(
        _ request: ReservationRequest, _ charge: Charge, from formers: Formers, of holds: [Hold],
        in catalogue: DeviceCatalogue
    ) throws(LedgerError) -> ReserveOutcome? {
        guard let former = formers.staying.first(where: { $0.reservation.gpu == request.gpu }) else { return nil }
        let id = former.reservation.id
        let mine = holds.filter { $0.reservationID == id }
        let isThere = mine.allSatisfy { catalogue.device(bearing: $0.place) != nil }
        guard former.reservation.state != .lost, isThere, let mode = mine.first?.mode else { return nil }
        return try stored { () throws(StorageError) in
            try makeWay(
                Formers(
                    yielding: formers.yielding + [former],
                    staying: formers.staying.filter { $0.reservation.id != id }),
                at: request.now)
            try deleteTicket(of: request.server)
            let places = mine.map(\.place)
            let price = request.gpu.flatMap { try? Demand($0, in: catalogue) }.map { $0.price(on: places) }
            let new = try add(
                request, id: .newLedgerID(at: request.now), mode: mode, places: places,
                charge: price?.charge(to: charge.payer, borrowed: charge.borrowed) ?? charge)
            try connection.execute(
                "UPDATE reservation_pod SET reservation_id = $2, is_inherited = 1 "
                    + "WHERE reservation_id = $1 AND end_evidence IS NULL", [SQLValue(id), SQLValue(new.id)])
            return .held(new, isRepeat: false)
        }
    }

    /// - Throws: `LedgerError.clusterUnseen` or `.rebuilding` where a cluster is to be seen and cannot be relied on.
    func checkView(_ now: Instant) throws(LedgerError) {
        guard let terms = standing.cluster else { return }
        let view = try stored { () throws(StorageError) in try clusterView() }
        guard let seen = view.observedAt, seen >= standing.since else { throw .clusterUnseen(lastSeen: nil) }
        guard now - seen <= terms.staleAfter else { throw .clusterUnseen(lastSeen: seen) }
        if let until = view.waitUntil, until > now { throw .rebuilding(until: until) }
    }
}
