// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import JSONTree
import JupyterHub
import SidecarTokens
import SpawnModel

extension SidecarRoutes {
    func walltime(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        call.ok(try await hub.walltime(of: call.reservation, at: call.site).json(at: now()))
    }

    /// What a sidecar tells: its user has been shown a notice or wants more time, or the time is over.
    func event(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        switch call.body["event"]?.string {
        case "notice":
            diary.noticed(call, left: call.body["left_s"]?.int)
            return call.ok(.emptyObject)
        case "extend":
            let walltime = try await hub.extended(call.reservation, at: call.site, call.id)
            diary.extended(call, walltime.left(at: now()))
            return call.ok(walltime.json(at: now()))
        case "end": return try await end(call)
        default: throw .sidecarBody("must have `event`: `notice`, `extend` or `end`")
        }
    }

    /// Asks the hub to stop the server, if its time is over by the ledger's own clock: a sidecar's word ends nothing.
    private func end(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        let walltime = try await hub.walltime(of: call.reservation, at: call.site)
        guard let left = walltime.left(at: now()), left <= .zero else {
            let left = walltime.left(at: now()).map { JSON(Int($0.wholeSeconds)) } ?? .null
            return call.ok(["outcome": "not-due", "left_s": left])
        }
        try await stop(call, "walltime over")
        return call.ok(["outcome": "stopping", "left_s": 0])
    }

    /// - Parameter why: for the log.
    func stop(_ call: SidecarCall, _ why: String) async throws(Problem) {
        guard let address = call.site.deployment(call.pass.deployment)?.hubAddress else { throw .hubUnknown }
        do throws(HubFault) {
            _ = try await Hub(address, asking: asking).stop(call.reservation.server)
            diary.stopping(call, why)
        } catch {
            throw Problem(error)
        }
    }
}
