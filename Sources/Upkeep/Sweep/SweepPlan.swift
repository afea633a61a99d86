// SPDX-License-Identifier: Apache-2.0
import Kubernetes
package import SpawnModel

/// Which objects of starts are to be deleted. Pure: it takes what was read and the clock.
package struct SweepPlan: Sendable {
    package let deletions: [ListedSessionObject]
    package let kept: [Reason: Int]
    /// Since when each object, by its uid, has been seen to be left over; for the next round.
    package let since: [String: ContinuousClock.Instant]

    /// Why an object stays for now.
    package enum Reason: String, Sendable, CaseIterable {
        /// Its reservation has not ended.
        case held
        /// A pod of its reservation has not ended.
        case pod
        /// It has not been left over for long enough.
        case fresh
        /// Of a deployment that is not of this configuration; or of a reservation that this ledger does not know, in a
        /// namespace that is not its deployment's.
        case foreign
        /// Enough are deleted in this round.
        case rest
    }

    /// - Parameters:
    ///   - objects: all that were listed.
    ///   - states: of those of their reservations that the ledger knows; read after the objects were.
    ///   - living: reservations of which a pod has not ended; read after the states were.
    ///   - since: of the round before.
    package init(
        _ objects: [ListedSessionObject], states: [String: Reservation.State], living: Set<String>,
        since: [String: ContinuousClock.Instant], in setting: SweepSetting, limits: SweepLimits,
        now: ContinuousClock.Instant
    ) {
        var (deletions, kept): ([ListedSessionObject], [Reason: Int]) = ([], [:])
        var next: [String: ContinuousClock.Instant] = [:]
        for object in objects {
            let state = states[object.reservationID]
            guard let grace = object.grace(state, in: setting, limits) else {
                kept[state?.holdsCapacity == true ? .held : .foreign, default: 0] += 1
                continue
            }
            guard !living.contains(object.reservationID) else {
                kept[.pod, default: 0] += 1
                continue
            }
            let first = since[object.uid] ?? now
            next[object.uid] = first
            if now < first + grace {
                kept[.fresh, default: 0] += 1
            } else if deletions.count == limits.deletionsMost {
                kept[.rest, default: 0] += 1
            } else {
                deletions.append(object)
            }
        }
        (self.deletions, self.kept, self.since) = (deletions, kept, next)
    }
}

extension ListedSessionObject {
    /// For how long it has to be left over before it is deleted; nil where it is not left over.
    ///
    /// - Parameter state: of its reservation; nil where the ledger does not know it.
    func grace(_ state: Reservation.State?, in setting: SweepSetting, _ limits: SweepLimits) -> Duration? {
        guard let namespace = setting.namespaceOf[deployment] else { return nil }
        guard let state else { return namespace == name.namespace ? limits.graceUnknown : nil }
        return state.holdsCapacity ? nil : limits.grace
    }
}
