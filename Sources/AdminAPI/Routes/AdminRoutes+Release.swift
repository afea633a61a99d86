// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import PodPatching
import SpawnModel

extension AdminRoutes {
    /// Ends a reservation on the operator's word; programs are told and its objects deleted, as after a stop.
    func release(_ id: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason", "force")
        let (author, force) = (try call.author(), try call.flag("force"))
        let outcome: OperatorRelease
        do { outcome = try await ledger.release(id, by: author, force: force, now: call.now) } catch {
            throw Problem(error)
        }
        switch outcome {
        case .released(let reservation):
            await hub.lapsed([reservation])
            return call.ok(["outcome": "released", "reservation": reservation.listed])
        case .alreadyEnded(let reservation):
            return call.ok(["outcome": "already-ended", "reservation": reservation.listed])
        case .podAlive(let reservation): throw .podAlive(reservation)
        case .unknown: throw .unknownReservation(id)
        }
    }

    /// Lets a session run longer.
    func extend(_ id: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason", "minutes")
        let most = Int(Ledger.extensionMax.wholeSeconds / 60)
        guard let minutes = call.body["minutes"]?.int, (1...most).contains(minutes) else {
            throw .adminMalformed("`minutes`", "must be 1 to \(most)")
        }
        let author = try call.author()
        let outcome: OperatorExtension
        do {
            outcome = try await ledger.extend(id, by: author, .seconds(minutes * 60), now: call.now)
        } catch {
            throw Problem(error)
        }
        switch outcome {
        case .extended(let reservation):
            return call.ok([
                "outcome": "extended", "reservation": reservation.listed, "warnings": warnings(reservation, call),
            ])
        case .ended(let reservation): throw .reservationEnded(reservation)
        case .hasNoEnd(let reservation):
            throw .cannotExtend(reservation, "has no end yet: its walltime has not begun, or it has none")
        case .tooLong(let reservation):
            throw .cannotExtend(reservation, "would end more than \(Ledger.extensionMax.words) from now")
        case .unknown: throw .unknownReservation(id)
        }
    }

    /// Kubernetes lets a pod's `activeDeadlineSeconds` be lowered and never raised.
    private func warnings(_ reservation: Reservation, _ call: AdminCall) -> JSON {
        guard call.site.deployment(reservation.server.deployment)?.namespace != nil else { return .emptyArray }
        let grace = call.site.pod.deadlineGrace.words
        return [
            JSON(
                "A pod that was given `activeDeadlineSeconds` ends \(grace) after its first walltime all the same: "
                    + "Kubernetes does not let it be raised.")
        ]
    }
}
