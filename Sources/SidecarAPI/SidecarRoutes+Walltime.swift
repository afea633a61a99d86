// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import JSONTree
import JupyterHub
import LastUse
import MeasuredUse
import SidecarTokens
import SpawnModel

extension SidecarRoutes {
    func walltime(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        lastUses.note(PodName(namespace: call.pass.namespace, name: call.pass.pod), of: call.reservation)
        return call.ok(try await hub.walltime(of: call.reservation, at: call.site).json(at: now()))
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

    /// Asks the hub to stop the server, if its time is over by the ledger's own clock, or it has been unused for too long
    /// by what Berth knows: a sidecar's word ends nothing.
    private func end(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        let walltime = try await hub.walltime(of: call.reservation, at: call.site)
        guard let reason = await endReason(walltime) else {
            let time = now()
            return call.ok([
                "outcome": "not-due", "left_s": walltime.left(at: time).seconds,
                "idle_left_s": walltime.idle?.leftWithLag(at: time).map { max($0, Self.againAfter) }.seconds ?? .null,
            ])
        }
        try await stop(call, reason.rawValue)
        return call.ok(["outcome": "stopping", "reason": JSON(reason.rawValue), "left_s": 0])
    }

    /// What it takes to hear of a use, nobody needs to ask about every second.
    private static let againAfter = Duration.seconds(5)

    private func endReason(_ walltime: SessionWalltime) async -> EndReason? {
        if let left = walltime.left(at: now()), left <= .zero { return .walltime }
        return await lastUses.isOver(walltime.reservation) ? .idle : nil
    }

    /// - Parameter why: for the log: why the server ends.
    func stop(_ call: SidecarCall, _ why: String) async throws(Problem) {
        guard let address = call.site.deployment(call.pass.deployment)?.hubAddress else { throw .hubUnknown }
        // Hubs stop servers by their names: where it has ended meanwhile, another with its name may have been started.
        _ = try await reservation(of: call.pass)
        do throws(HubFault) {
            _ = try await Hub(address, asking: asking).stop(call.reservation.server)
            diary.stopping(call, why)
        } catch {
            throw Problem(error)
        }
    }
}

extension Duration? {
    fileprivate var seconds: JSON { map { JSON(Int($0.wholeSeconds)) } ?? .null }
}
