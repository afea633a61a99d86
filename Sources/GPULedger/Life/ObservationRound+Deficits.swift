// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// What was promised and is not there.

extension ObservationRound {
    /// Held reservations whose devices have gone, the newest first, until the rest is borne.
    mutating func giveUp(_ missing: Set<String>) throws(StorageError) {
        guard index.provesAbsence, !missing.isEmpty else { return }
        let lives = try rows.lives().filter { missing.contains($0.life.id) && $0.isUntouched }
        for living in lives.sorted(by: { $0.number > $1.number }) where changesMost > 0 {
            guard try unborne().contains(living.life.id), let stored = try rows.reservation(living.life.id) else {
                continue
            }
            changesMost -= 1
            let isThere = stored.reservation.placement.allSatisfy {
                catalogue.device($0.onDemandCard ?? $0.device) != nil
            }
            changed.append(
                try rows.end(
                    stored, as: .cancelled, cause: .devicesGone,
                    evidence: isThere ? "others have them" : "no longer in the inventory", at: now))
        }
    }

    private func unborne() throws(StorageError) -> Set<String> {
        let picture = Picture(catalogue, try rows.holds())
        return Set(picture.holds.filter { !picture.isBorne($0) }.map(\.reservationID))
    }

    func observation() throws(StorageError) -> Observation {
        let holds = try rows.holds()
        let picture = Picture(catalogue, holds)
        let unborne = holds.filter { !picture.isBorne($0) }
        let outside = OutsideUse(foreign: foreign, withheld: withheld)
        let deficits = outside.layout(catalogue, beside: holds).deficit
            .merging(picture.excess(of: unborne), uniquingKeysWith: +)
        return Observation(
            isTaken: true, provesAbsence: index.provesAbsence, changed: changed, adopted: adopted, foreign: foreign,
            withheld: withheld, deficits: deficits, alarms: alarms, clockJump: .zero,
            unborne: Set(unborne.map(\.reservationID)))
    }
}

extension LivingReservation {
    /// No pod of it is there or was: nobody loses a session with it.
    fileprivate var isUntouched: Bool { life.state == .held && pods.isEmpty }
}
