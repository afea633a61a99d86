// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// The ledger's decisions. Each reads what it decides on in the transaction that writes the result, and writes only
// after it has decided: an error or a refusal leaves nothing behind.

extension LedgerRows {
    func reserve(
        _ request: ReservationRequest,
        in shared: SharedPicture,
        under quotas: Quotas = .none
    ) throws(LedgerError) -> ReserveOutcome {
        let known = try stored { () throws(StorageError) in
            try reservations(of: request.server, liveOrStart: request.start)
        }
        if let same = known.first(where: { $0.reservation.start == request.start }) {
            return .held(try repeated(same, request), isRepeat: true)
        }
        let formers = try stored { () throws(StorageError) in try self.formers(among: known) }
        guard let gpu = request.gpu else {
            return try hold(request, nil, places: [], charge: nil, replacing: formers)
        }
        try checkView(request.now)
        var picture = try stored { () throws(StorageError) in try shared.working(self) }
        let demand = try Demand(gpu, in: picture.catalogue)
        let charge: Charge
        switch try stored({ () throws(StorageError) in try admit(request, demand, under: quotas, replacing: formers) })
        {
        case .admitted(let admitted): charge = admitted
        case .refused(let shortage): return .unavailable(shortage)
        }
        var request = request
        if let borrowed = charge.borrowed { request.walltime = borrowed.walltime }
        // What gives way at once counts as free: it goes when this one comes.
        let outside = try stored { () throws(StorageError) in try self.outside() }
        for former in formers.yielding { picture.set([], of: former.reservation.id) }
        picture.take(outside, now: request.now)
        picture.advance(to: request.now)
        switch try stored({ () throws(StorageError) in try turn(of: request, demand, charge, in: picture, quotas) }) {
        case .take(let places):
            let charge = demand.price(on: places).charge(to: charge.payer, borrowed: charge.borrowed)
            return try hold(request, demand, places: places, charge: charge, replacing: formers)
        case .wait(let shortage):
            let others = try stored { () throws(StorageError) in try holds(besides: formers.yielding) }
            return try takeOver(request, charge, from: formers, of: others, in: picture.catalogue)
                ?? .unavailable(shortage)
        }
    }

    private func repeated(
        _ known: StoredReservation,
        _ request: ReservationRequest
    ) throws(LedgerError) -> Reservation {
        guard known.reservation.state.holdsCapacity else { throw .startEnded(known.reservation) }
        guard known.isFor(request) else { throw .startConflict(standing: known.reservation) }
        return known.reservation
    }

    private func hold(
        _ request: ReservationRequest,
        _ demand: Demand?,
        places: [Place],
        charge: Charge?,
        replacing formers: Formers
    ) throws(LedgerError) -> ReserveOutcome {
        try stored { () throws(StorageError) in
            try makeWay(formers, at: request.now)
            // Whoever gets something does not wait any more.
            try deleteTicket(of: request.server)
            let made = try add(
                request, id: .newLedgerID(at: request.now), mode: demand?.mode, places: places, charge: charge)
            return .held(made, isRepeat: false)
        }
    }

    func bind(_ id: String, server: ServerID, isPodless: Bool, now: Instant) throws(LedgerError) -> Reservation {
        guard let known = try stored({ () throws(StorageError) in try reservation(id) }) else {
            throw .unknownReservation(id: id)
        }
        guard known.reservation.server == server else { throw .notYours(id: id) }
        switch known.reservation.state {
        case .held: return try stored { () throws(StorageError) in try bind(known, isPodless: isPodless, at: now) }
        case .bound, .running, .overdue, .releasing, .lost: return known.reservation
        case .released, .expired, .cancelled, .failed: throw .ended(known.reservation)
        }
    }

    /// Where the cluster will show the notebook running, its walltime begins then.
    private func bind(
        _ known: StoredReservation, isPodless: Bool, at now: Instant
    ) throws(StorageError) -> Reservation {
        let isSeen = known.needsEvidence(standing) && !isPodless
        let endsBy = isSeen ? nil : known.walltime.map { now + $0 }
        return try change(known, Change(to: .bound, cause: .bound, endsBy: endsBy, isPodless: isPodless), at: now)
    }

    func expire(now: Instant, most: Int) throws(LedgerError) -> [Reservation] {
        try fence()
        return try stored { () throws(StorageError) in
            var expired: [Reservation] = []
            for lapsed in try lapsed(now: now, most: most) {
                expired.append(try end(lapsed, as: .expired, cause: .holdLapsed, at: now))
            }
            return expired
        }
    }

    func stored<Value>(_ work: () throws(StorageError) -> Value) throws(LedgerError) -> Value {
        try LedgerError.wrapping(work)
    }
}

extension StoredReservation {
    /// Whether it was made for the same request; when, and how long it was to be held, is not part of that.
    fileprivate func isFor(_ request: ReservationRequest) -> Bool {
        reservation.gpu == request.gpu && reservation.terms == request.terms
            && askedWalltime?.wholeMilliseconds == request.walltime?.wholeMilliseconds
    }

    /// What is borrowed has a shorter one than it asked for.
    private var askedWalltime: Duration? {
        if let borrowed = reservation.charge?.borrowed { borrowed.asked } else { walltime }
    }
}

extension Demand {
    var mode: Hold.Mode {
        switch amount {
        case .devices(_, as: let mode): mode
        case .share: .shared
        }
    }
}

extension String {
    /// 48 bits of time and 80 random ones in 32 hexadecimal digits, as in a UUID of version 7 (RFC 9562): no two
    /// reservations or tickets share one, and nobody guesses one. Fits a Kubernetes label.
    ///
    /// The time comes first, so that new ones stand beside each other in every index: where they are anywhere, each writes
    /// pages of its own, and a shared commit has four times as much to bring to the disk.
    static func newLedgerID(at now: Instant) -> String {
        let time = UInt64(clamping: now.unixMilliseconds) << 16
        let digits = [time | .random(in: 0...0xffff), .random(in: .min ... .max)].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        return digits.joined()
    }
}
