// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// Starts a session's walltime on the word of its own sidecar: the pod runs now. Without effect where it has begun, and
    /// where a cluster shows when the notebook runs.
    ///
    /// - Returns: the reservation as it stands then; nil for one that is not known.
    package func begin(_ id: String, now: Instant) async throws(LedgerError) -> Reservation? {
        try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.stored { () throws(StorageError) in try rows.begin(id, at: now) }
        }
    }

    /// Live reservations whose walltime is over, the longest ago first, at most `most`.
    package func due(now: Instant, most: Int) async throws(LedgerError) -> [Reservation] {
        try await transaction(at: now) { (rows, now) throws(LedgerError) in
            try rows.stored { () throws(StorageError) in try rows.due(at: now, most: most) }
        }
    }

    /// Live reservations in whose terms `part` stands, the oldest first, at most `most`: what the text means only its writer
    /// knows.
    package func live(withTerms part: String, most: Int) async throws(LedgerError) -> [Reservation] {
        try await withRows { (rows) throws(StorageError) in try rows.live(withTerms: part, most: most) }
    }
}

extension LedgerRows {
    /// A part with `%` or `_` finds more than itself.
    fileprivate func live(withTerms part: String, most: Int) throws(StorageError) -> [Reservation] {
        try reservations(
            where: "state IN ('bound', 'running', 'overdue', 'lost') AND terms LIKE $1 ORDER BY number LIMIT $2",
            [SQLValue("%\(part)%"), SQLValue(most)]
        ).map(\.reservation)
    }

    fileprivate func begin(_ id: String, at now: Instant) throws(StorageError) -> Reservation? {
        guard let known = try reservation(id) else { return nil }
        guard known.reservation.state == .bound, !known.needsEvidence(standing) else { return known.reservation }
        let endsBy = known.walltime.map { now + $0 }
        return try change(
            known, Change(to: .running, cause: .podRunning, evidence: "its sidecar says so", endsBy: endsBy), at: now)
    }

    /// What the hub stops already is `releasing`, and not among them.
    fileprivate func due(at now: Instant, most: Int) throws(StorageError) -> [Reservation] {
        try reservations(
            where: """
                state IN ('bound', 'running', 'overdue', 'lost') AND ends_by_unix_ms <= $1
                ORDER BY ends_by_unix_ms LIMIT $2
                """, [SQLValue(now.unixMilliseconds), SQLValue(most)]
        ).map(\.reservation)
    }
}
