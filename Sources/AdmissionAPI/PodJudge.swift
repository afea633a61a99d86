// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HubAPI
import JSONTree
import PodPatching
import Sealing
import SpawnModel

/// Judges one pod: by its namespace, its seal, the ledger, and what Berth would make of it.
struct PodJudge: Sendable {
    let review: AdmissionReview
    let way: AdmissionEntrance.Way
    let site: Site
    let hub: HubRoutes
    let ledger: Ledger
    let now: @Sendable () -> Instant

    /// Nil where the ledger has to be asked. A pod that has nothing to do with Berth is judged here, so that a ledger
    /// that fails is in nobody else's way.
    func verdictAtHand() -> Verdict? {
        if case .other = review.subject { return .untouched }
        let asks = site.pod.gpuAsks(of: review.object)
        guard review.reservationID != nil else { return asks.isEmpty ? .untouched : settled(.unreserved(asks)) }
        guard isHubsNamespace else { return asks.isEmpty ? .untouched : settled(.outOfPlace(asks)) }
        if review.podName.isEmpty { return settled(.nameless) }
        return review.seal == nil ? settled(.sealMissing) : nil
    }

    func verdict() async -> Verdict {
        if let verdict = verdictAtHand() { return verdict }
        do throws(Objection) {
            let reservation = try await reservation()
            try check(reservation)
            let patched = try await patched(under: reservation)
            try await bind(reservation)
            return patched
        } catch {
            return settled(error)
        }
    }

    private func settled(_ objection: Objection) -> Verdict {
        objection.isAuditable && site.admission?.unsealed == .audit ? .audited(objection) : .refused(objection)
    }

    private var isHubsNamespace: Bool { site.deployments.contains { $0.namespace == review.namespace } }

    /// Whatever state it is in; from memory where it is bound.
    private func reservation() async throws(Objection) -> Reservation {
        let id = review.reservationID ?? ""
        if let bound = ledger.boundReservation(id) { return bound }
        let found: Reservation?
        do throws(LedgerError) { found = try await ledger.reservation(id) } catch { throw Objection(error) }
        guard let found else { throw .reservationUnknown }
        return found
    }

    /// The seal first: what is said of a reservation is said to nobody else's pod.
    private func check(_ reservation: Reservation) throws(Objection) {
        let facts: SealedFacts?
        do throws(Problem) { facts = try site.sealedFacts(of: reservation, pod: review.podName) } catch {
            throw .problem(error)
        }
        guard let facts, facts.namespace == review.namespace, let keys = site.sealKeys,
            keys.accept(review.seal ?? "", for: facts)
        else { throw .sealWrong }
        guard reservation.state.holdsCapacity else { throw .reservationOver(reservation.state) }
        try check(site.pod.gpuAsks(of: review.object), under: reservation)
    }

    /// Nothing asked for is filled in by the patch; anything else has to be what was reserved, in one container.
    private func check(_ asks: Set<GPUAsk>, under reservation: Reservation) throws(Objection) {
        guard !asks.isEmpty else { return }
        let held: Set<GPUAsk>
        do throws(Problem) { held = try site.gpuAsks(under: reservation) } catch { throw .problem(error) }
        guard asks.areAll(of: held) else { throw .amountDiffers(asks, held: held.isEmpty ? "no GPU" : held.amounts) }
    }

    /// What there is to patch, as far as the API server lets it be patched here.
    private func patched(under reservation: Reservation) async throws(Objection) -> Verdict {
        let made: PatchedPod
        do throws(Problem) {
            made = try await hub.patched(review.object, under: reservation, at: site, makes: mayActOutside)
        } catch {
            throw .problem(error)
        }
        var patch = JSONPatch(from: review.object, to: made.pod)
        if case .ephemeralContainers = review.subject {
            patch.operations.removeAll { !$0.path.description.hasPrefix("/spec/ephemeralContainers") }
        }
        guard !patch.operations.isEmpty else { return .complete(reservationID: reservation.id) }
        switch way {
        case .validate: throw .changedSince(patch.operations.map(\.path.description))
        case .mutate: return .patched(patch, reservationID: reservation.id, corrected: made.corrected)
        }
    }

    /// A question that is asked to see what would be, or whether all is right, leaves no trace.
    private var mayActOutside: Bool { way == .mutate && !review.isDryRun }

    /// The pod is made now, so its walltime counts. Where the hub has asked for the pod, that is known already.
    private func bind(_ reservation: Reservation) async throws(Objection) {
        guard case .newPod = review.subject, mayActOutside, !reservation.state.isInUse else { return }
        do throws(LedgerError) {
            _ = try await ledger.bind(reservation.id, server: reservation.server, now: now())
        } catch { throw Objection(error) }
    }
}
