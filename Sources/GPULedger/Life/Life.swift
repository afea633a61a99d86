// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What of a live reservation decides its next state.
struct Life: Hashable, Sendable {
    let id: String
    let state: Reservation.State
    let heldUntil: Instant
    let walltime: Duration?
    let endsBy: Instant?
    /// When the hub said that it has stopped, or a later start took its place.
    let stopWantedAt: Instant?
    /// Whether a pod of its own was seen before this snapshot.
    let hasMetPod: Bool
    /// When it came to be bound or held: a notebook has not run before.
    let createdAt: Instant
}

/// What one snapshot shows of a live reservation.
struct Sight: Hashable, Sendable {
    struct Pod: Hashable, Sendable {
        let fate: PodFate
        let isInherited: Bool
    }

    /// All that were not known to have ended.
    let pods: [Pod]
    let provesAbsence: Bool
    let observedAt: Instant
    /// The node where it is placed does not answer.
    let isPlaceUnreachable: Bool
}

/// A step of a reservation's life.
struct Transition: Hashable, Sendable {
    let to: Reservation.State
    let cause: LedgerEntry.Cause
    /// What was seen, in words.
    let evidence: String
    let endsBy: Instant?
    /// The hub's stop came before its pod did, and the pod came all the same: it is the pod that counts.
    let forgetsStop: Bool
}

extension Life {
    /// The reservation's next state by what is seen; nil where nothing changes.
    ///
    /// - Parameter now: of the same clock as the reservation's own times.
    func next(_ sight: Sight, now: Instant) -> Transition? {
        let unreachable = sight.pods.compactMap { pod -> String? in
            if case .unreachable(let node) = pod.fate { node } else { nil }
        }
        if let node = unreachable.first { return step(.lost, .nodeUnreachable, "node \(node) does not answer") }
        let alive = sight.pods.compactMap { pod -> (seen: SeenPod, isInherited: Bool)? in
            if case .alive(let seen) = pod.fate { (seen, pod.isInherited) } else { nil }
        }
        if !alive.isEmpty {
            let own = alive.filter { !$0.isInherited }.map(\.seen)
            return own.isEmpty ? besideFormer(now) : living(own, now)
        }
        if sight.pods.contains(where: { $0.fate == .unknown }) { return timed(now) }
        return hasMetPod || sight.pods.contains { !$0.isInherited } ? left(sight, now) : waiting(sight, now)
    }

    private func step(
        _ to: Reservation.State, _ cause: LedgerEntry.Cause, _ evidence: String, endsBy: Instant? = nil,
        forgetsStop: Bool = false
    ) -> Transition? {
        let endsBy = endsBy ?? self.endsBy
        guard to != state || endsBy != self.endsBy || forgetsStop else { return nil }
        return Transition(to: to, cause: cause, evidence: evidence, endsBy: endsBy, forgetsStop: forgetsStop)
    }

    /// A snapshot that says nothing of its pods does not stop the clock.
    private func timed(_ now: Instant) -> Transition? {
        guard state == .running, let endsBy, endsBy <= now else { return nil }
        return step(.overdue, .walltimeOver, "")
    }

    private func living(_ own: [SeenPod], _ now: Instant) -> Transition? {
        // The hub has stopped a start whose pod came later: that one runs, and nobody is ending it.
        let isAdopted = stopWantedAt != nil && !hasMetPod && own.contains { !$0.isTerminating }
        if stopWantedAt != nil, !isAdopted { return step(.releasing, .stopped, "pod \(own[0].uid) is still there") }
        let staying = own.filter { !$0.isTerminating }
        guard let first = staying.first else {
            return step(.releasing, .podTerminating, "pod \(own[0].uid) is being deleted")
        }
        let started = staying.filter(\.hasStarted)
        guard endsBy != nil || state == .running || !started.isEmpty else {
            return step(
                .bound, isAdopted ? .late : .podSeen, "pod \(first.uid)", forgetsStop: isAdopted)
        }
        let end = endsBy ?? walltime.map { beginning(of: started, now) + $0 }
        let isOver = end.map { $0 <= now } ?? false
        return step(
            isOver ? .overdue : .running, isOver ? .walltimeOver : isAdopted ? .late : .podRunning,
            "pod \((started.first ?? first).uid)", endsBy: end, forgetsStop: isAdopted)
    }

    /// The nodes' clocks are not ours: a start before the reservation or in the future is none.
    private func beginning(of started: [SeenPod], _ now: Instant) -> Instant {
        let first = started.compactMap(\.startedAt).min() ?? now
        return min(max(first, createdAt), now)
    }

    /// Only the pod of a former start is left; it keeps the devices until it goes.
    private func besideFormer(_ now: Instant) -> Transition? {
        if stopWantedAt != nil || now >= heldUntil {
            return step(.releasing, .holdLapsed, "the pod of a former start is still there")
        }
        return state == .lost ? step(.bound, .nodeBack, "") : nil
    }

    /// It had pods, and none is alive.
    private func left(_ sight: Sight, _ now: Instant) -> Transition? {
        let ends = sight.pods.compactMap { pod -> PodEnd? in
            if case .ended(let end) = pod.fate, !pod.isInherited { end } else { nil }
        }
        for end in ends {
            switch end {
            case .absent: continue
            case .nodeGone, .nodeReplaced: return step(.released, .nodeGone, end.words)
            case .succeeded: return step(.released, .podEnded, end.words)
            case .failed:
                let hasRun = endsBy != nil || ![.held, .bound].contains(state)
                return step(hasRun ? .released : .failed, hasRun ? .podEnded : .podFailed, end.words)
            }
        }
        // A hub that meets its own pod on a retry kills it and makes another: between the two there is none.
        guard sight.provesAbsence, stopWantedAt != nil || now >= heldUntil else { return timed(now) }
        switch state {
        case .held, .bound:
            return stopWantedAt == nil
                ? step(.expired, .podGone, PodEnd.absent.words) : step(.released, .stopped, PodEnd.absent.words)
        case .running, .overdue, .releasing, .lost, .released, .expired, .cancelled, .failed:
            return step(.released, stopWantedAt == nil ? .podGone : .stopped, PodEnd.absent.words)
        }
    }

    /// No pod of its own was ever seen. The snapshot must have been taken after the moment that it is to judge.
    private func waiting(_ sight: Sight, _ now: Instant) -> Transition? {
        // A pod may have come and gone unseen, and its processes stay on a node that does not answer.
        guard sight.provesAbsence, state == .held || !sight.isPlaceUnreachable else { return nil }
        let words = "no pod in a complete snapshot"
        let isLapsed = now >= heldUntil && sight.observedAt >= heldUntil
        if let stopWantedAt {
            // A hub that has the patched pod may be making it at this moment.
            let isOver = isLapsed || state == .held && sight.observedAt > stopWantedAt
            return isOver ? step(.cancelled, .stopped, words) : nil
        }
        return isLapsed ? step(.expired, .holdLapsed, words) : nil
    }
}
