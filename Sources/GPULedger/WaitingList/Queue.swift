// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// A picture in which those who wait have their places, in their order. Pure: what is done about it is the caller's.
///
/// As in EASY backfill, the first who does not fit holds up only those who would make it wait longer. Where no time can
/// be told by which it fits, that is everybody: nothing else would let it ever have its turn.
struct Queue {
    private let original: Picture
    private var picture: Picture
    private let terms: WaitingListTerms
    private let now: Instant
    /// The first who does not fit, and by when it will at the latest.
    private var heldUp: (demand: Demand, by: Instant?)?

    init(_ picture: Picture, _ terms: WaitingListTerms, now: Instant) {
        original = picture
        self.picture = picture
        self.terms = terms
        self.now = now
    }

    /// Gives it its place, or notes that it has none yet.
    ///
    /// - Returns: the ticket with the window in which what it needs is kept for it: it opens when there is something to
    ///   keep.
    mutating func letPass(_ ticket: Ticket) -> Ticket {
        var passed = ticket
        passed.claimUntil = nil
        guard let demand = try? Demand(ticket.gpu, in: picture.catalogue) else { return passed }
        guard let places = places(for: demand, walltime: ticket.walltime) else {
            if heldUp == nil, picture.place(demand) == nil {
                heldUp = (demand, picture.nextFree(for: demand, now: now))
            }
            return passed
        }
        picture = picture.with(places, of: demand, until: now + terms.claimWindow, walltime: ticket.walltime)
        passed.claimUntil = ticket.claimUntil ?? now + terms.claimWindow
        return passed
    }

    /// Nil where it does not fit beside those before, or would hold one of them up.
    func places(for demand: Demand, walltime: Duration?) -> [Place]? {
        guard let places = picture.place(demand) else { return nil }
        guard let heldUp else { return places }
        guard let by = heldUp.by else { return nil }
        let after = picture.with(places, of: demand, until: now + terms.claimWindow, walltime: walltime)
        return after.nextFree(for: heldUp.demand, now: now).map { $0 <= by } ?? false ? places : nil
    }

    /// Why `demand`, which has no place here, has none.
    func shortage(of demand: Demand) -> Shortage {
        let shortage = picture.shortage(of: demand, now: now)
        let isForOthers = original.place(demand) != nil
        return Shortage(
            pool: shortage.pool, reason: isForOthers ? .waitingListed : shortage.reason, freeNow: shortage.freeNow,
            largestShareNow: shortage.largestShareNow,
            // With somebody before it who has no place, no time can be promised.
            nextFreeBy: heldUp == nil ? shortage.nextFreeBy : nil)
    }
}

extension Picture {
    fileprivate func with(_ places: [Place], of demand: Demand, until: Instant, walltime: Duration?) -> Picture {
        let holds = places.map { place in
            Hold(
                reservationID: "", pool: demand.pool.name, mode: demand.mode, place: place,
                lasts: .held(heldUntil: until, walltime: walltime))
        }
        var picture = self
        picture.set(self.holds(of: "") + holds, of: "")
        return picture
    }
}
