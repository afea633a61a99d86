// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// One line of the journal: a reservation changed state. Written once, never changed.
package struct LedgerEntry: Sendable, Hashable {
    package enum Cause: String, Sendable, CaseIterable {
        case reserved
        case bound
        /// The hub said that the server has stopped.
        case stopped
        /// A later start of the same server took its place.
        case superseded
        /// Nobody used it within its hold time.
        case holdLapsed = "hold-lapsed"
        /// An operator has ended it.
        case operatorReleased = "operator-released"
        /// An operator lets it run longer; the state stays.
        case extended
    }

    /// Grows with each entry of the whole ledger.
    package let sequence: Int64
    package let reservationID: String
    /// Nil for the first entry of a reservation.
    package let from: Reservation.State?
    package let to: Reservation.State
    package let cause: Cause
    package let at: Instant
    /// The reservation's revision from this entry on; 1 with the first.
    package let revision: Int

    package init(
        sequence: Int64,
        reservationID: String,
        from: Reservation.State?,
        to: Reservation.State,
        cause: Cause,
        at: Instant,
        revision: Int
    ) {
        self.sequence = sequence
        self.reservationID = reservationID
        self.from = from
        self.to = to
        self.cause = cause
        self.at = at
        self.revision = revision
    }
}
