// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Every change of a reservation writes its ledger entry beside it: there is no other way to change one.

extension LedgerRows {
    func add(
        _ request: ReservationRequest,
        id: String,
        mode: Hold.Mode?,
        places: [Place],
        charge: Charge?
    ) throws(StorageError) -> Reservation {
        try insertReservation(request, id: id)
        if let charge { try insert(charge, of: request, id: id) }
        if let mode {
            for place in places { try insert(place, mode, of: id) }
        }
        try insertEntry(id, from: nil, to: .held, cause: .reserved, at: request.now, revision: 1)
        return try written(id)
    }

    func bind(_ stored: StoredReservation, at now: Instant) throws(StorageError) -> Reservation {
        try change(stored.reservation, to: .bound, cause: .bound, at: now, endsBy: stored.walltime.map { now + $0 })
    }

    func end(
        _ stored: StoredReservation,
        as state: Reservation.State,
        cause: LedgerEntry.Cause,
        at now: Instant
    ) throws(StorageError) -> Reservation {
        try change(stored.reservation, to: state, cause: cause, at: now, endsBy: stored.reservation.endsBy)
    }

    private func change(
        _ reservation: Reservation,
        to state: Reservation.State,
        cause: LedgerEntry.Cause,
        at now: Instant,
        endsBy: Instant?
    ) throws(StorageError) -> Reservation {
        let revision = reservation.revision + 1
        try connection.execute(
            "UPDATE reservation SET state = $2, revision = $3, ends_by_unix_ms = $4 WHERE id = $1",
            [
                SQLValue(reservation.id), SQLValue(state.rawValue), SQLValue(revision),
                SQLValue(endsBy?.unixMilliseconds),
            ]
        )
        try insertEntry(
            reservation.id,
            from: reservation.state,
            to: state,
            cause: cause,
            at: now,
            revision: revision
        )
        return try written(reservation.id)
    }

    private func insertReservation(_ request: ReservationRequest, id: String) throws(StorageError) {
        let amount = request.gpu.map { AmountColumns($0.amount) }
        try connection.execute(
            """
            INSERT INTO reservation (id, deployment, user_name, server_name, start, state, revision, pool, amount,
                device_count, request_mib, limit_mib, terms, walltime_ms, created_at_unix_ms, held_until_unix_ms)
            VALUES ($1, $2, $3, $4, $5, 'held', 1, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [SQLValue(id)] + request.server.parameters + [
                SQLValue(request.start.text), SQLValue(request.gpu?.pool), SQLValue(amount?.kind),
                SQLValue(amount?.count), SQLValue(amount?.request), SQLValue(amount?.limit), SQLValue(request.terms),
                SQLValue(request.walltime?.wholeMilliseconds), SQLValue(request.now.unixMilliseconds),
                SQLValue((request.now + request.holdFor).unixMilliseconds),
            ]
        )
    }

    private func insert(_ place: Place, _ mode: Hold.Mode, of id: String) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO placement (reservation_id, node, card, device, mode, units, memory_mib, limit_mib)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                SQLValue(id), SQLValue(place.node), SQLValue(place.card), SQLValue(place.device),
                SQLValue(mode.rawValue), SQLValue(place.units), SQLValue(place.memory.count),
                SQLValue(place.limit.count),
            ]
        )
    }

    private func insertEntry(
        _ id: String,
        from: Reservation.State?,
        to: Reservation.State,
        cause: LedgerEntry.Cause,
        at now: Instant,
        revision: Int
    ) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO ledger_entry (reservation_id, from_state, to_state, cause, at_unix_ms, revision)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                SQLValue(id), SQLValue(from?.rawValue), SQLValue(to.rawValue), SQLValue(cause.rawValue),
                SQLValue(now.unixMilliseconds), SQLValue(revision),
            ]
        )
    }

    /// Read back, so that the answer is what the ledger holds.
    private func written(_ id: String) throws(StorageError) -> Reservation {
        guard let stored = try reservation(id) else {
            throw .corrupt(database: "the ledger", detail: "reservation \(id) is not there after it was written")
        }
        return stored.reservation
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
