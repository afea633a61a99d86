// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Takes one snapshot in: what it shows of each reservation, then what no reservation explains.
    ///
    /// - Parameters:
    ///   - missing: held reservations whose devices have been gone for longer than anybody waits.
    ///   - most: changes of reservations in one round; the rest comes with the next snapshot.
    func observe(
        _ snapshot: ClusterSnapshot, in shared: SharedPicture, missing: Set<String>, now: Instant, most: Int
    ) throws(LedgerError) -> Observation {
        try fence()
        let view = try stored { () throws(StorageError) in try clusterView() }
        let epoch = standing.epoch ?? 0
        guard epoch > view.epoch || epoch == view.epoch && snapshot.generation > view.generation else { return .none() }
        var round = ObservationRound(
            rows: self, index: ClusterIndex(snapshot, now: now, terms: standing.cluster ?? ClusterTerms()),
            catalogue: shared.catalogue, now: now, changesMost: most)
        return try stored { () throws(StorageError) in
            try round.followPods()
            try round.bookWithheld()
            try round.placeAnew(in: shared)
            try round.meetStrangers()
            try round.giveWay(in: shared)
            try round.giveUp(missing)
            let isProof = round.index.provesAbsence
            try write(
                ClusterView(
                    epoch: epoch, generation: snapshot.generation,
                    observedAt: isProof ? snapshot.observedAt : view.observedAt,
                    waitUntil: round.waitUntil ?? view.waitUntil))
            return try round.observation()
        }
    }
}
