// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// Whether somebody in line would have to wait longer if a session stayed until `end`: then its walltime is better not
    /// extended. False where nobody waits for its pool, and for what does not live.
    package func holdsUpOthers(
        _ id: String, stayingUntil end: Instant, now: Instant
    ) async throws(LedgerError) -> Bool {
        let shared = picture
        return try await withRows { (rows) throws(StorageError) in
            guard let pool = try rows.reservation(id)?.reservation.gpu?.pool else { return false }
            let tickets = try rows.tickets(of: pool)
            guard !tickets.isEmpty else { return false }
            var picture = try shared.working(rows)
            picture.take(try rows.outside(), now: now)
            picture.advance(to: now)
            let longer = picture.with(id, stayingUntil: end)
            return tickets.contains { picture.isSooner(for: $0, than: longer, now: now) }
        }
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
