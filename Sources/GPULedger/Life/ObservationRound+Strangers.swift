// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// Pods that no live reservation explains: adopted where they are ours and there is room, foreign otherwise.

extension ObservationRound {
    mutating func meetStrangers() throws(StorageError) {
        let before = try rows.foreign()
        let strangers = index.eachPod.filter { $0.isAlive && !isExplained($0) }
        for pod in strangers { try meet(pod, isNew: !before.contains { $0.podUID == pod.uid }) }
        if !index.provesAbsence {
            // What is not seen in half a snapshot is still there.
            let seen = Set(index.snapshot.pods.map(\.uid))
            foreign += before.filter { !seen.contains($0.podUID) }
        }
        foreign.sort { ($0.podUID, $0.resource) < ($1.podUID, $1.resource) }
        try rows.replace(foreign: before, by: foreign)
    }

    private mutating func meet(_ pod: SeenPod, isNew: Bool) throws(StorageError) {
        for (resource, amount) in pod.asks where amount > 0 && catalogue.pools(giving: resource).isEmpty {
            alarms.insert(.unknownResource(resource))
        }
        guard let id = pod.reservationID else { return book(pod, .unsealed) }
        guard let stored = try rows.reservation(id) else { return try meetUnknown(pod, id, isNew) }
        // A live one that does not explain its pod has said why.
        guard !stored.reservation.state.holdsCapacity else { return book(pod, .overAmount) }
        if let gpu = stored.reservation.gpu,
            try adopt(
                pod, stored.reservation.server, gpu, stored.walltime, stored.reservation.terms, .late,
                notBefore: stored.reservation.createdAt)
        {
            return
        }
        alarms.insert(.late(podUID: pod.uid, reservationID: id))
        book(pod, .reservationEnded)
    }

    /// The journal was lost: what others hold may still become pods, for one hold time.
    private mutating func meetUnknown(_ pod: SeenPod, _ id: String, _ isNew: Bool) throws(StorageError) {
        if isNew { waitUntil = now + (rows.standing.cluster ?? ClusterTerms()).holdTime }
        alarms.insert(.unknownReservation(podUID: pod.uid, reservationID: id))
        if let claim = pod.claim, try adopt(pod, claim.server, claim.gpu, claim.walltime, "", .rebuilt, id: id) {
            return
        }
        book(pod, .unknownReservation)
    }

    private mutating func book(_ pod: SeenPod, _ reason: ForeignUse.Reason) {
        foreign += ForeignUse.all(of: pod, in: catalogue, reason: reason)
    }

    /// A new reservation for a pod that is there already: what has ended stays ended. Physical use counts whatever the
    /// user's quota says.
    ///
    /// - Returns: false where it does not fit, or its server has another reservation by now.
    private mutating func adopt(
        _ pod: SeenPod, _ server: ServerID, _ gpu: GPURequest, _ walltime: Duration?, _ terms: String,
        _ cause: LedgerEntry.Cause, id: String? = nil, notBefore: Instant? = nil
    ) throws(StorageError) -> Bool {
        guard changesMost > 0, let start = StartID("late-\(pod.uid)"),
            try rows.reservations(of: server, liveOrStart: start).isEmpty,
            let (demand, places) = try place(gpu, on: pod.node), isAsked(by: pod, demand, places)
        else { return false }
        changesMost -= 1
        let request = ReservationRequest(
            server: server, start: start, gpu: gpu, terms: terms, walltime: walltime, holdFor: .zero,
            now: min(max(pod.startedAt ?? now, notBefore ?? pod.startedAt ?? now), now))
        let new = try rows.add(
            request, id: id ?? .newLedgerID(at: request.now), mode: demand.mode, places: places,
            charge: demand.price(on: places).charge(to: nil), state: .bound, cause: cause,
            evidence: "pod \(pod.uid)")
        try rows.note(
            KnownPod(
                uid: pod.uid, reservationID: new.id, node: pod.node,
                nodeUID: pod.node.flatMap { index.node($0)?.uid }, isInherited: false))
        changed.append(new)
        adopted += 1
        return true
    }

    private func isAsked(by pod: SeenPod, _ demand: Demand, _ places: [Place]) -> Bool {
        pod.asks.allSatisfy {
            $0.value <= places.reduce(0) { $0 + $1.units } && $0.key == demand.pool.resourceName
                || catalogue.pools(giving: $0.key).isEmpty
        }
    }

    private func place(
        _ gpu: GPURequest, on node: String?
    ) throws(StorageError) -> (Demand, [Place])? {
        guard var demand = try? Demand(gpu, in: catalogue) else { return nil }
        if let node { demand = demand.restricted(to: node) }
        let holds = try rows.holds()
        // A node that takes nothing new has this pod all the same.
        let layout = OutsideUse(foreign: foreign).layout(catalogue, beside: holds)
        return Picture(catalogue, holds + layout.holds).place(demand).map { (demand, $0) }
    }
}
