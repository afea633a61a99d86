// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    func release(_ server: ServerID, start: StartID?, id: String?, now: Instant) throws(LedgerError) -> ReleaseOutcome {
        if let id, let named = try stored({ () throws(StorageError) in try reservation(id) }),
            named.reservation.server != server
        {
            throw .notYours(id: id)
        }
        return try stored { () throws(StorageError) in
            // The live one of a server is also the one that was made last.
            let known =
                if let id { try reservation(id) } else if let start { try reservation(of: server, start: start) } else {
                    try latest(of: server)
                }
            guard let known else { return .nothingHeld }
            guard known.reservation.state.holdsCapacity else { return .alreadyEnded(known.reservation) }
            guard known.needsEvidence(standing) else {
                return .released(try end(known, as: .released, cause: .stopped, at: now))
            }
            return try releaseSeen(known, now)
        }
    }

    private func releaseSeen(_ known: StoredReservation, _ now: Instant) throws(StorageError) -> ReleaseOutcome {
        let id = known.reservation.id
        if known.stopWantedAt != nil { return .releasing(known.reservation) }
        if try hasLivingPod(id) { return .releasing(try askToGo(known, .stopped, at: now)) }
        if try hasMetPod(id) {
            return .released(
                try end(known, as: .released, cause: .stopped, evidence: "its pods have gone before", at: now))
        }
        // Its pod may be on its way.
        let marked = Change(to: known.reservation.state, cause: .stopWanted, stopWantedAt: now)
        return .releasing(try change(known, marked, at: now))
    }
}
