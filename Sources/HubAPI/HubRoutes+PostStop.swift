// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import JSONTree
import Kubernetes
import Logging
package import SpawnModel

extension HubRoutes {
    /// The hub says that a server has stopped. Without a cluster that word is the only evidence there is; with one, what
    /// the server had is free, and put away, once its pod is seen to be gone.
    ///
    /// Always 200 where the ledger can be written: "already ended" and "nothing held" are what a hub hears after a
    /// denied start or a second stop, and an error there would block the user in the hub.
    func postStop(_ call: HubCall) async throws(Problem) -> HTTPResponse {
        let outcome: ReleaseOutcome
        let id = try HubCall.text("reservation_id", call.body["reservation_id"])
        do { outcome = try await ledger.release(call.server, start: call.start, id: id, now: now()) } catch {
            throw Problem(error)
        }
        if case .released(let reservation) = outcome {
            putAway(
                SessionTerms(reservation.terms)?.calls ?? [], of: call.server, start: reservation.start, site: call.site
            )
        }
        let left = await deleteObjects(of: outcome.reservation?.state.holdsCapacity == true ? nil : outcome.reservation)
        diary.allowed(
            call, code: outcome.name,
            ["reservation_id": .string(outcome.reservation?.id ?? ""), "objects_left": .stringConvertible(left.count)])
        return .ok(
            JSON(["outcome": JSON(outcome.name), "delete": JSON(left)]).bytes, to: call.id)
    }

    /// Reservations are over without the hub's word; it may never say one of them again.
    ///
    /// Where the cluster does not answer, the rest of the objects is left to whoever tidies up by their labels.
    package func lapsed(_ reservations: [Reservation]) async {
        let site = siteInForce()
        for reservation in reservations {
            let calls = SessionTerms(reservation.terms)?.calls ?? []
            putAway(calls, of: reservation.server, start: reservation.start, site: site)
        }
        for reservation in reservations where !(await deleteObjects(of: reservation).isEmpty) { return }
    }

    /// Those that were for this session only; looked for again when a stop is told again.
    ///
    /// - Returns: what may still stand there: all of it where there is no cluster to delete it in.
    private func deleteObjects(of reservation: Reservation?) async -> [JSON] {
        guard let reservation else { return [] }
        let named = SessionTerms(reservation.terms)?.objects ?? []
        guard let objects else { return named.map(\.json) }
        let credential = siteInForce().credentialName(of: reservation).map { [$0] } ?? []
        let left = await objects.remove(named.compactMap(\.name) + credential, of: reservation.id)
        for (name, fault) in left {
            diary.log.warning(
                "an object beside a pod is not deleted yet",
                metadata: [
                    "object": .string("\(name)"), "reservation_id": .string(reservation.id),
                    "reason": .string("\(fault)"),
                ])
        }
        return left.map(\.name.json)
    }
}

extension ReleaseOutcome {
    fileprivate var name: String {
        switch self {
        case .released: "released"
        case .releasing: "releasing"
        case .alreadyEnded: "already-ended"
        case .nothingHeld: "nothing-held"
        }
    }

    fileprivate var reservation: Reservation? {
        switch self {
        case .released(let reservation), .releasing(let reservation), .alreadyEnded(let reservation): reservation
        case .nothingHeld: nil
        }
    }
}
