// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// One snapshot's way through the ledger, inside one transaction.
struct ObservationRound {
    let rows: LedgerRows
    let index: ClusterIndex
    let catalogue: DeviceCatalogue
    let now: Instant
    /// Bounds what one transaction writes.
    var changesMost: Int

    var changed: [Reservation] = []
    var adopted = 0
    var foreign: [ForeignUse] = []
    var withheld: [WithheldNode] = []
    var alarms: Set<Observation.Alarm> = []
    var waitUntil: Instant?
    /// Of what lives and is somewhere, oldest first.
    private(set) var whereabouts: [Whereabouts] = []
    /// UIDs that some reservation explains.
    private var explained: Set<String> = []
    private var suspects: Set<String> = []

    init(rows: LedgerRows, index: ClusterIndex, catalogue: DeviceCatalogue, now: Instant, changesMost: Int) {
        self.rows = rows
        self.index = index
        self.catalogue = catalogue
        self.now = now
        self.changesMost = changesMost
    }

    func isExplained(_ pod: SeenPod) -> Bool { explained.contains(pod.uid) }

    /// Each live reservation takes its next step.
    mutating func followPods() throws(StorageError) {
        let lives = try rows.lives()
        let met = Set(lives.flatMap(\.pods).map(\.known.uid))
        var claims: [String: [SeenPod]] = [:]
        for pod in index.eachPod where !met.contains(pod.uid) {
            if let id = pod.reservationID { claims[id, default: []].append(pod) }
        }
        for living in lives {
            explained.formUnion(living.pods.map(\.known.uid))
            try follow(living, claims[living.life.id] ?? [])
        }
    }

    private mutating func follow(_ living: LivingReservation, _ claims: [SeenPod]) throws(StorageError) {
        var pods: [KnownPod] = []
        for (known, hasEnded) in living.pods where !hasEnded { pods.append(try renewed(known)) }
        for pod in claims where isWithin(pod, living) {
            explained.insert(pod.uid)
            pods.append(try met(pod, living.life.id))
        }
        let fates = pods.map { ($0, PodFate(of: $0, in: index)) }
        for (pod, fate) in fates {
            guard case .ended(let end) = fate else { continue }
            if case .failed(PodEnd.refusedByKubelet, let node?) = end { suspects.insert(node) }
            try rows.note(endOf: pod.uid, end.words)
        }
        let sight = Sight(
            pods: fates.map { Sight.Pod(fate: $0.1, isInherited: $0.0.isInherited) },
            provesAbsence: index.provesAbsence, observedAt: index.snapshot.observedAt,
            isPlaceUnreachable: living.node.flatMap { index.node($0) }?.isReady == false)
        let state = try step(living, sight)
        if let found = Whereabouts(living, fates, in: state, isPlaceUnreachable: sight.isPlaceUnreachable) {
            whereabouts.append(found)
        }
    }

    /// - Returns: the state that it is in now.
    private mutating func step(
        _ living: LivingReservation, _ sight: Sight
    ) throws(StorageError) -> Reservation.State {
        var state = living.life.state
        // What is left undone is seen again in the next snapshot: nothing depends on the order.
        if changesMost > 0, let next = living.life.next(sight, now: now),
            let stored = try rows.reservation(living.life.id)
        {
            changesMost -= 1
            state = next.to
            changed.append(
                try rows.change(
                    stored,
                    .init(
                        to: next.to, cause: next.cause, evidence: next.evidence, endsBy: next.endsBy,
                        forgetsStop: next.forgetsStop), at: now))
        }
        if state == .overdue { alarms.insert(.overdue(reservationID: living.life.id)) }
        if state == .bound, now > living.life.heldUntil + Self.boundAlarmAfter {
            alarms.insert(.boundTooLong(reservationID: living.life.id))
        }
        return state
    }

    /// The hold time is the hub's own start time-out and some; a pod that waits for longer is left over.
    static let boundAlarmAfter = Duration.seconds(30)

    private mutating func isWithin(_ pod: SeenPod, _ living: LivingReservation) -> Bool {
        let asked = pod.asks.filter { $0.value > 0 && !catalogue.pools(giving: $0.key).isEmpty }
        let resource = catalogue[pool: living.pool]?.pool.resourceName
        let isWithin = asked.allSatisfy { $0.value <= living.units && (resource == nil || $0.key == resource) }
        if !isWithin { alarms.insert(.overAmount(podUID: pod.uid, reservationID: living.life.id)) }
        return isWithin
    }

    private func met(_ pod: SeenPod, _ id: String) throws(StorageError) -> KnownPod {
        let known = KnownPod(
            uid: pod.uid, reservationID: id, node: pod.node, nodeUID: pod.node.flatMap { index.node($0)?.uid },
            isInherited: false)
        try rows.note(known)
        return known
    }

    /// With the node where it has been put since.
    private func renewed(_ known: KnownPod) throws(StorageError) -> KnownPod {
        guard known.nodeUID == nil, let node = index.pod(known.uid)?.node ?? known.node else { return known }
        let renewed = KnownPod(
            uid: known.uid, reservationID: known.reservationID, node: node, nodeUID: index.node(node)?.uid,
            isInherited: known.isInherited)
        if renewed != known { try rows.note(renewed) }
        return renewed
    }

    mutating func bookWithheld() throws(StorageError) {
        let before = try rows.withheld()
        // A suspect of this moment stands for longer than one that was one already.
        let until = now + (rows.standing.cluster ?? ClusterTerms()).suspectFor
        let fresh = suspects.map { WithheldNode(node: $0, reason: .suspect, until: until) }
        let old = before.filter { ($0.until.map { $0 > now } ?? false) && !suspects.contains($0.node) }
        let kept = index.snapshot.isComplete ? [] : before.filter { $0.until == nil }
        let seen = WithheldNode.all(in: index.snapshot, known: Set(catalogue.devices.map(\.node)))
        let kinds = Set(seen + fresh + old + kept)
        withheld = kinds.sorted { ($0.node, $0.reason.rawValue) < ($1.node, $1.reason.rawValue) }
        try rows.replace(withheld: before, by: withheld)
    }
}
