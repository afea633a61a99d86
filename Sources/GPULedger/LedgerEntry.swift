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
        /// The hub said that the server has stopped, before the cluster shows that its pod is gone.
        case stopWanted = "stop-wanted"
        case podSeen = "pod-seen"
        case podRunning = "pod-running"
        case walltimeOver = "walltime-over"
        case podTerminating = "pod-terminating"
        case nodeUnreachable = "node-unreachable"
        case nodeBack = "node-back"
        /// Its pod was deleted, and not by the hub's stop.
        case podGone = "pod-gone"
        /// Its pod has come to its end, well or not.
        case podEnded = "pod-ended"
        /// Its pod failed before the notebook ran.
        case podFailed = "pod-failed"
        /// The node's object is gone, or another node has its name.
        case nodeGone = "node-gone"
        /// Its pod came when the reservation had ended, or was to end.
        case late
        /// Made anew from a sealed pod that the journal does not know.
        case rebuilt
        /// The devices it was promised are gone before its pod came.
        case devicesGone = "devices-gone"
        /// It is on other devices than was expected: where its pod is, or because others' pods are where it was to go. The
        /// state stays.
        case placedAnew = "placed-anew"
    }

    /// Grows with each entry of the whole ledger.
    package let sequence: Int64
    package let reservationID: String
    /// Nil for the first entry of a reservation.
    package let from: Reservation.State?
    package let to: Reservation.State
    package let cause: Cause
    /// What was seen that speaks for it, in words; empty where somebody's word was enough.
    package let evidence: String
    /// The epoch of the writer; 0 where it had none.
    package let epoch: Int64
    package let at: Instant
    /// The reservation's revision from this entry on; 1 with the first.
    package let revision: Int

    package init(
        sequence: Int64,
        reservationID: String,
        from: Reservation.State?,
        to: Reservation.State,
        cause: Cause,
        evidence: String = "",
        epoch: Int64 = 0,
        at: Instant,
        revision: Int
    ) {
        self.sequence = sequence
        self.reservationID = reservationID
        self.from = from
        self.to = to
        self.cause = cause
        self.evidence = evidence
        self.epoch = epoch
        self.at = at
        self.revision = revision
    }
}
