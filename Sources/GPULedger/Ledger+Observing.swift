// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// What a watch of the cluster tells the ledger.
package protocol ClusterWitness: Sendable {
    func observe(_ snapshot: ClusterSnapshot, now: Instant) async throws(LedgerError) -> Observation
}

extension Ledger: ClusterWitness {
    /// From now on a cluster is to be seen: its word counts, and until it has spoken nothing is granted. Nil ends that:
    /// then the hubs' word frees again.
    package func expectCluster(_ terms: ClusterTerms?, now: Instant) { watched.expect(terms, since: now) }

    package var expectsCluster: Bool { watched.hasCluster }

    /// As of when the cluster was last taken in as a whole, by whichever process; nil where it never was.
    package var clusterSeenAt: Instant? { watched.observedAt }

    /// Whether what the cluster shows is young enough to decide by; always so where none is to be seen.
    package func seesCluster(at now: Instant) -> Bool { watched.isSeen(now) }

    /// From now on times are kept by `steady`, which counts through suspend: a wall clock that is set neither ends nor
    /// prolongs anything. Without it the wall clock is believed.
    package func keepTime(by steady: @escaping @Sendable () -> Duration) { watched.keepTime(by: steady) }

    /// Becomes the one writer of what the cluster shows: the one before is refused from now on.
    ///
    /// - Parameter holder: a name for people, as the Lease has it.
    /// - Returns: the epoch, which each entry of the journal carries.
    @discardableResult
    package func takeOver(as holder: String) async throws(LedgerError) -> Int64 {
        let epoch = try await writer.transaction { (connection) throws(LedgerError) in
            try LedgerError.wrapping { () throws(StorageError) in try LedgerRows(connection).takeEpoch(holder) }
        }
        watched.lead(epoch)
        return epoch
    }

    /// Most changes of reservations by one snapshot; the rest comes with the next.
    package static let changesMost = 500

    /// Takes in what the cluster shows: reservations follow their pods, and what nobody has reserved is booked beside.
    ///
    /// Only what a complete and young snapshot lacks is gone; one that is no newer than the last changes nothing. Takes
    /// the epoch itself where this process has none yet.
    ///
    /// - Throws: `LedgerError.fenced` where another process has taken over since.
    package func observe(_ snapshot: ClusterSnapshot, now: Instant) async throws(LedgerError) -> Observation {
        if !watched.hasCluster { expectCluster(ClusterTerms(), now: snapshot.observedAt) }
        if !watched.hasEpoch { try await takeOver(as: "") }
        let (wall, watched, picture, reading) = (now, watched, picture, watched.reading(at: now))
        let observation = try await transaction(at: wall) { (rows, now) throws(LedgerError) in
            if let reading {
                try rows.fence()
                let settled = try rows.stored { () throws(StorageError) in try watched.settle(rows, reading) }
                if settled.jump != .zero { return Observation.none(clockJump: settled.jump) }
            }
            return try rows.observe(
                snapshot.moved(by: now - wall), in: picture, missing: watched.missing(now), now: now,
                most: Self.changesMost)
        }
        reservationPods.take(snapshot)
        if observation.provesAbsence { watched.note(unborne: observation.unborne, now: watched.time(at: wall)) }
        return observation
    }
}
