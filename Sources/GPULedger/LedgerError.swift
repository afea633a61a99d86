// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
package import Storage

/// Why the ledger could not answer. That a pool is full is not among these: it is an answer, `Shortage`.
package enum LedgerError: Error, Hashable, Sendable {
    /// Nothing can be written now (full disk, read-only, locked, cannot be opened or reached); nothing was changed.
    case notWritable(reason: String)
    /// The file is damaged, not ours, or from a newer Berth.
    case corrupt(reason: String)
    /// As many callers as may wait are waiting.
    case overloaded
    /// The ledger is closed because Berth is stopping.
    case closed
    /// The inventory contradicts itself; the one before stays in force.
    case inventoryFault(String)
    case unknownPool(String)
    /// The amount is not one that this pool gives: cards from a shared pool, for instance.
    case amountMismatch(pool: String, reason: String)
    /// This start already has a reservation for something else, which stands.
    case startConflict(standing: Reservation)
    /// This start had its reservation and it has ended; a new start is needed.
    case startEnded(Reservation)
    case unknownReservation(id: String)
    /// The reservation is another server's.
    case notYours(id: String)
    /// The reservation was released or has expired.
    case ended(Reservation)
    /// What the cluster shows is not known, or not any more: nothing is decided on a guess. Nil before the first
    /// complete snapshot.
    case clusterUnseen(lastSeen: Instant?)
    /// The journal has lost reservations whose pods are there; more pods may be on their way until then.
    case rebuilding(until: Instant)
    /// Another Berth has taken the writing over; nothing was changed.
    case fenced(epoch: Int64, current: Int64)
}

extension LedgerError: StorageFailure {
    package init(_ storage: StorageError) {
        switch storage {
        case .cannotOpen, .readOnly, .diskFull, .busy, .unreachable, .conflict, .constraint, .other:
            self = .notWritable(reason: storage.description)
        case .corrupt, .notOurs, .newerSchema:
            self = .corrupt(reason: storage.description)
        case .overloaded: self = .overloaded
        case .closed: self = .closed
        }
    }
}

extension LedgerError: CustomStringConvertible {
    /// What is wrong, for the log; names a server where that is the point.
    package var description: String {
        switch self {
        case .notWritable(let reason), .corrupt(let reason): "The ledger: \(reason)"
        case .overloaded: "The ledger has as many callers waiting as it takes. Try again in a moment."
        case .closed: "The ledger is closed because Berth is stopping."
        case .inventoryFault(let fault): "The GPU inventory cannot be used: \(fault)."
        case .unknownPool(let pool): "There is no pool \(pool)."
        case .amountMismatch(let pool, let reason): "The pool \(pool) cannot give this: \(reason)."
        case .startConflict(let standing):
            "Start \(standing.start) of \(standing.server) already has reservation \(standing.id) for something else. "
                + "Ask with a new start."
        case .startEnded(let reservation):
            "Start \(reservation.start) of \(reservation.server) is over: its reservation \(reservation.id) is "
                + "\(reservation.state.rawValue). Ask with a new start."
        case .unknownReservation(let id): "There is no reservation \(id)."
        case .notYours(let id): "Reservation \(id) belongs to another server."
        case .ended(let reservation): "Reservation \(reservation.id) is \(reservation.state.rawValue)."
        case .clusterUnseen(let lastSeen):
            lastSeen.map { "What the cluster's GPUs are used for was last seen at \($0), too long ago to decide by." }
                ?? "What the cluster's GPUs are used for has not been seen yet since Berth was started."
        case .rebuilding(let until):
            "Pods run whose reservations the ledger does not know: it was lost or is an old copy. Nothing is granted "
                + "until \(until), because more such pods may be on their way."
        case .fenced(let epoch, let current):
            "Another Berth has taken over the writing (epoch \(current), this one has \(epoch))."
        }
    }
}
