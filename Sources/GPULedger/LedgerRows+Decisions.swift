// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// The ledger's decisions. Each reads what it decides on in the transaction that writes the result, and writes only
// after it has decided: an error or a refusal leaves nothing behind.

extension LedgerRows {
    func reserve(
        _ request: ReservationRequest,
        in shared: SharedPicture
    ) throws(LedgerError) -> ReserveOutcome {
        if let known = try stored({ () throws(StorageError) in
            try reservation(of: request.server, start: request.start)
        }) {
            return .held(try repeated(known, request), isRepeat: true)
        }
        let former = try stored { () throws(StorageError) in try live(of: request.server) }
        guard let gpu = request.gpu else {
            return try hold(request, mode: nil, places: [], replacing: former)
        }
        var picture = try stored { () throws(StorageError) in try shared.working(self) }
        let demand = try Demand(gpu, in: picture.catalogue)
        picture.advance(to: request.now)
        // What the former start holds counts as free: it goes when this one comes.
        if let former { picture.set([], of: former.reservation.id) }
        guard let places = picture.place(demand) else {
            return .unavailable(picture.shortage(of: demand, now: request.now))
        }
        return try hold(request, mode: demand.mode, places: places, replacing: former)
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
        mode: Hold.Mode?,
        places: [Place],
        replacing former: StoredReservation?
    ) throws(LedgerError) -> ReserveOutcome {
        try stored { () throws(StorageError) in
            if let former { _ = try end(former, as: .released, cause: .superseded, at: request.now) }
            return .held(try add(request, id: .newReservationID(), mode: mode, places: places), isRepeat: false)
        }
    }

    func bind(_ id: String, server: ServerID, now: Instant) throws(LedgerError) -> Reservation {
        guard let known = try stored({ () throws(StorageError) in try reservation(id) }) else {
            throw .unknownReservation(id: id)
        }
        guard known.reservation.server == server else { throw .notYours(id: id) }
        switch known.reservation.state {
        case .held: return try stored { () throws(StorageError) in try bind(known, at: now) }
        case .bound: return known.reservation
        case .released, .expired: throw .ended(known.reservation)
        }
    }

    func release(_ server: ServerID, start: StartID?, now: Instant) throws(LedgerError) -> ReleaseOutcome {
        try stored { () throws(StorageError) in
            // The live one of a server is also the one that was made last.
            let known = if let start { try reservation(of: server, start: start) } else { try latest(of: server) }
            guard let known else { return .nothingHeld }
            guard known.reservation.state.holdsCapacity else { return .alreadyEnded(known.reservation) }
            return .released(try end(known, as: .released, cause: .stopped, at: now))
        }
    }

    func expire(now: Instant, most: Int) throws(LedgerError) -> [Reservation] {
        try stored { () throws(StorageError) in
            var expired: [Reservation] = []
            for lapsed in try lapsed(now: now, most: most) {
                expired.append(try end(lapsed, as: .expired, cause: .holdLapsed, at: now))
            }
            return expired
        }
    }

    private func stored<Value>(_ work: () throws(StorageError) -> Value) throws(LedgerError) -> Value {
        try LedgerError.wrapping(work)
    }
}

extension StoredReservation {
    /// Whether it was made for the same request; when, and how long it was to be held, is not part of that.
    fileprivate func isFor(_ request: ReservationRequest) -> Bool {
        reservation.gpu == request.gpu && reservation.terms == request.terms
            && walltime?.wholeMilliseconds == request.walltime?.wholeMilliseconds
    }
}

extension Demand {
    fileprivate var mode: Hold.Mode {
        switch amount {
        case .devices(_, as: let mode): mode
        case .share: .shared
        }
    }
}

extension String {
    /// 128 random bits in 32 hexadecimal digits: no two reservations share one, and nobody guesses one. Fits a
    /// Kubernetes label.
    fileprivate static func newReservationID() -> String {
        let digits = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        return digits.joined()
    }
}
