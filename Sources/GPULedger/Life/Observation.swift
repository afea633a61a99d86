// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What a snapshot has made of the ledger.
package struct Observation: Sendable, Hashable {
    /// What somebody should look at; told again with each snapshot for as long as it is so.
    package enum Alarm: Sendable, Hashable {
        /// A pod came after its reservation had ended and there is no room for it: it runs all the same.
        case late(podUID: String, reservationID: String)
        /// It asks for more than its reservation holds.
        case overAmount(podUID: String, reservationID: String)
        /// Sealed, and the journal does not know its reservation.
        case unknownReservation(podUID: String, reservationID: String)
        /// Its pod has not started long after it should have.
        case boundTooLong(reservationID: String)
        case overdue(reservationID: String)
        /// Pods ask for it, it looks like a GPU, and no pool gives it.
        case unknownResource(String)
    }

    /// Whether the snapshot was taken in; false for one that is no newer than the last.
    package let isTaken: Bool
    /// Whether what is missing in it counts as gone.
    package let provesAbsence: Bool
    /// Each with its new state, in the order of the changes.
    package let changed: [Reservation]
    /// How many of them were made anew for pods that came late, or whose reservation the journal had lost.
    package let adopted: Int
    package let foreign: [ForeignUse]
    package let withheld: [WithheldNode]
    /// What is promised or used beyond what there is, in units by resource.
    package let deficits: [String: Int]
    package let alarms: Set<Alarm>
    /// By how much the wall clock was set; where it was, nothing else was done this time.
    package let clockJump: Duration
    /// Held reservations whose devices are gone: given up when it stays so.
    let unborne: Set<String>

    /// Those that are over now.
    package var ended: [Reservation] { changed.filter { !$0.state.holdsCapacity } }

    static func none(clockJump: Duration = .zero) -> Observation {
        Observation(
            isTaken: false, provesAbsence: false, changed: [], adopted: 0, foreign: [], withheld: [], deficits: [:],
            alarms: [],
            clockJump: clockJump, unborne: [])
    }
}
