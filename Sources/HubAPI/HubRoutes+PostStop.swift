// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import JSONTree
import Logging
import SpawnModel

extension HubRoutes {
    /// The hub says that a server has stopped. Without a cluster that word is the only evidence there is.
    ///
    /// Always 200 where the ledger can be written: "already ended" and "nothing held" are what a hub hears after a
    /// denied start or a second stop, and an error there would block the user in the hub.
    func postStop(_ call: HubCall) async throws(Problem) -> HTTPResponse {
        let outcome: ReleaseOutcome
        do { outcome = try await ledger.release(call.server, start: call.start, now: now()) } catch {
            throw Problem(error)
        }
        if case .released(let reservation) = outcome {
            putAway(SessionTerms(reservation.terms)?.calls ?? [], start: reservation.start, call)
        }
        diary.allowed(
            call, code: outcome.name,
            ["reservation_id": .string(outcome.reservation?.id ?? "")])
        return .ok(
            JSON(["outcome": JSON(outcome.name), "delete": JSON(outcome.leftovers.map(\.json))]).bytes, to: call.id)
    }
}

extension ReleaseOutcome {
    fileprivate var name: String {
        switch self {
        case .released: "released"
        case .alreadyEnded: "already-ended"
        case .nothingHeld: "nothing-held"
        }
    }

    /// The objects that were for this session only; named again when a stop is told again.
    fileprivate var leftovers: [ObjectName] { reservation.flatMap { SessionTerms($0.terms) }?.objects ?? [] }

    fileprivate var reservation: Reservation? {
        switch self {
        case .released(let reservation), .alreadyEnded(let reservation): reservation
        case .nothingHeld: nil
        }
    }
}
