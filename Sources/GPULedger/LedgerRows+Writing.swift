// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Every change of a reservation writes its ledger entry beside it: there is no other way to change one.

extension LedgerRows {
    /// - Parameters:
    ///   - charge: what it costs where it is placed; nil without a GPU.
    ///   - state: held, or bound where its pod is there already.
    ///   - cause: why it is there, for the journal.
    func add(
        _ request: ReservationRequest,
        id: String,
        mode: Hold.Mode?,
        places: [Place],
        charge: Charge?,
        state: Reservation.State = .held,
        cause: LedgerEntry.Cause = .reserved,
        evidence: String = ""
    ) throws(StorageError) -> Reservation {
        try insertReservation(request, id: id, state)
        if let mode {
            for place in places { try insert(place, mode, of: id) }
        }
        let first = Change(to: state, cause: cause, evidence: evidence)
        try insertEntry(id, from: nil, first, at: request.now, revision: 1)
        if let charge, let gpu = request.gpu { try open(charge, of: request, in: gpu.pool, id: id) }
        return Reservation(request, id: id, state, places, charge)
    }

    /// What a change writes; nil leaves what stands.
    struct Change {
        let to: Reservation.State
        let cause: LedgerEntry.Cause
        var evidence = ""
        var endsBy: Instant?
        var stopWantedAt: Instant?
        var forgetsStop = false
        var isPodless: Bool?
    }

    func change(_ stored: StoredReservation, _ change: Change, at now: Instant) throws(StorageError) -> Reservation {
        let reservation = stored.reservation
        let stopWantedAt = change.forgetsStop ? nil : change.stopWantedAt ?? stored.stopWantedAt
        try connection.execute(
            """
            UPDATE reservation SET state = $2, revision = $3, ends_by_unix_ms = $4, stop_wanted_at_unix_ms = $5,
                is_podless = $6
            WHERE id = $1
            """,
            [
                SQLValue(reservation.id), SQLValue(change.to.rawValue), SQLValue(reservation.revision + 1),
                SQLValue((change.endsBy ?? reservation.endsBy)?.unixMilliseconds),
                SQLValue(stopWantedAt?.unixMilliseconds), SQLValue(change.isPodless ?? stored.isPodless ? 1 : 0),
            ]
        )
        try insertEntry(reservation.id, from: reservation.state, change, at: now, revision: reservation.revision + 1)
        let isSeen = stored.needsEvidence(standing) && change.isPodless != true
        if let charge = stored.charge {
            try book(charge, of: reservation.id, in: change.to, isSeen: isSeen, at: now)
        }
        return reservation.revised(to: change.to, endsBy: change.endsBy ?? reservation.endsBy)
    }

    func end(
        _ stored: StoredReservation,
        as state: Reservation.State,
        cause: LedgerEntry.Cause,
        evidence: String = "",
        at now: Instant
    ) throws(StorageError) -> Reservation {
        try change(stored, Change(to: state, cause: cause, evidence: evidence), at: now)
    }

    /// The same state with another end.
    func extend(
        _ stored: StoredReservation, to endsBy: Instant, at now: Instant
    ) throws(StorageError) -> Reservation {
        try change(stored, Change(to: stored.reservation.state, cause: .extended, endsBy: endsBy), at: now)
    }

    private func insertReservation(
        _ request: ReservationRequest, id: String, _ state: Reservation.State
    ) throws(StorageError) {
        let amount = request.gpu.map { AmountColumns($0.amount) }
        try connection.execute(
            """
            INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                device_count, request_mib, limit_mib, terms, walltime_ms, created_at_unix_ms, held_until_unix_ms)
            VALUES ($1, $2, $3, $4, $5, $15, 1, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [SQLValue(id)] + request.server.parameters + [
                SQLValue(request.start.text), SQLValue(request.gpu?.pool), SQLValue(amount?.kind),
                SQLValue(amount?.count), SQLValue(amount?.request), SQLValue(amount?.limit), SQLValue(request.terms),
                SQLValue(request.walltime?.wholeMilliseconds), SQLValue(request.now.unixMilliseconds),
                SQLValue((request.now + request.holdFor).unixMilliseconds), SQLValue(state.rawValue),
            ]
        )
    }

    func insert(_ place: Place, _ mode: Hold.Mode, of id: String) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib,
                mig_profile, mig_start, mig_length)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                SQLValue(id), SQLValue(place.node), SQLValue(place.card), SQLValue(place.device),
                SQLValue(mode.rawValue), SQLValue(place.units), SQLValue(place.memory.count),
                SQLValue(place.limit.count),
            ] + SQLValue.columns(of: place.slot)
        )
    }

    private func insertEntry(
        _ id: String,
        from: Reservation.State?,
        _ change: Change,
        at now: Instant,
        revision: Int
    ) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO ledger_entry (reservation_id, from_state, to_state, cause, evidence, epoch, at_unix_ms, revision)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                SQLValue(id), SQLValue(from?.rawValue), SQLValue(change.to.rawValue), SQLValue(change.cause.rawValue),
                SQLValue(change.evidence), SQLValue(standing.epoch ?? 0), SQLValue(now.unixMilliseconds),
                SQLValue(revision),
            ]
        )
    }
}

extension Reservation {
    /// As it is read once it is written.
    fileprivate init(
        _ request: ReservationRequest, id: String, _ state: State, _ places: [Place], _ charge: Charge?
    ) {
        self.init(
            id: id, server: request.server, start: request.start, state: state, revision: 1, gpu: request.gpu,
            placement: .init(places),
            terms: request.terms, createdAt: request.now, heldUntil: request.now + request.holdFor, endsBy: nil)
        self.charge = charge
    }
}

extension [Reservation.Placement] {
    /// In the order in which they are read.
    init(_ places: [Place]) {
        self = places.map { place in
            Reservation.Placement(
                node: place.node, device: place.device, units: place.units,
                onDemandCard: place.slot == nil ? nil : place.card)
        }.sorted { $0.device < $1.device }
    }
}

/// An amount as the reservation's columns have it.
struct AmountColumns {
    let kind: String
    var count: Int?
    var request: Int?
    var limit: Int?

    init(_ amount: GPUAmount) {
        switch amount {
        case .cards(let count): (kind, self.count) = ("cards", count)
        case .migInstances(let count): (kind, self.count) = ("mig-instances", count)
        case .share(let request, let limit):
            (kind, self.request, self.limit) = ("share", request.count, limit.count)
        }
    }
}
