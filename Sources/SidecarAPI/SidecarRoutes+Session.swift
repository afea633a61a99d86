// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SidecarTokens
import SpawnModel

extension SidecarRoutes {
    /// A sidecar token, which is shown with every other question. The first that a pod asks for starts its walltime, where
    /// no cluster is watched that would.
    func session(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        if call.reservation.state == .bound {
            do { _ = try await ledger.begin(call.reservation.id, now: now()) } catch { throw Problem(error) }
        }
        guard let tokens = call.site.sidecarTokens else { preconditionFailure("its pass was read by them") }
        return call.ok([
            "token": JSON(tokens.token(for: call.pass, at: now())),
            "expires_in_s": JSON(Int(SidecarTokens.life.wholeSeconds)), "reservation_id": JSON(call.reservation.id),
        ])
    }
}
