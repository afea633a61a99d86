// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// How many in line would have to wait longer if a session stayed until `end`. None where nobody waits for its pool,
    /// and for what does not live.
    func heldUp(
        by known: StoredReservation, stayingUntil end: Instant, in shared: SharedPicture, _ quotas: Quotas,
        now: Instant
    ) throws(StorageError) -> Int {
        guard let pool = known.reservation.gpu?.pool else { return 0 }
        let terms = quotas.waitingLists[pool] ?? WaitingListTerms()
        let tickets = try tickets(of: pool).filter { !$0.isGone(terms, now: now) }
        guard !tickets.isEmpty else { return 0 }
        var picture = try shared.working(self)
        picture.take(try outside(), now: now)
        picture.advance(to: now)
        let longer = picture.with(known.reservation.id, stayingUntil: end)
        return tickets.count { picture.isSooner(for: $0, than: longer, now: now) }
    }
}

extension Picture {
    fileprivate func with(_ id: String, stayingUntil end: Instant) -> Picture {
        let stayed = holds(of: id).map { hold in
            Hold(
                reservationID: id, pool: hold.pool, mode: hold.mode, place: hold.place, lasts: .bound(endsBy: end))
        }
        var picture = self
        picture.set(stayed, of: id)
        return picture
    }

    /// Whether the ticket is served here by a time that can be told, and there later or at no such time.
    fileprivate func isSooner(for ticket: Ticket, than other: Picture, now: Instant) -> Bool {
        guard let demand = try? Demand(ticket.gpu, in: catalogue), let here = nextFree(for: demand, now: now) else {
            return false
        }
        return other.nextFree(for: demand, now: now).map { $0 > here } ?? true
    }
}
