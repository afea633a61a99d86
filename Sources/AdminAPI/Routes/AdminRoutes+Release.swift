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
}
