// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension SidecarRoutes {
    /// The access token for an audience that the server was started with.
    func token(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        let audience = try call.audience()
        guard let handOff = hub.handOffs(of: call.reservation).first(where: { $0.audience == audience }) else {
            throw .tokenNotGranted
        }
        do throws(Problem) {
            let handed = try await desk.accessToken(for: handOff, of: call.reservation, at: call.site)
            return call.ok(handed.json(at: now()))
        } catch {
            if error.code == Problem.loginExpired.code, handOff.onLoginEnd == .stop {
                try await stop(call, "login-expired")
            }
            throw error
        }
    }
}

extension SidecarCall {
    fileprivate func audience() throws(Problem) -> String? {
        do throws(HTTPQuery.Misfit) { return try HTTPQuery(query).values["audience"] } catch {
            throw .sidecarQuery(error.part)
        }
    }
}

extension HandedToken {
    /// The one place where the token itself is written.
    fileprivate func json(at now: Instant) -> JSON {
        [
            "access_token": JSON(accessToken), "audience": JSON(audience), "expires_at": JSON(expiry.description),
            "expires_in_s": JSON(Int(max(.zero, expiry - now).wholeSeconds)), "narrowed_by": JSON(narrowedBy.rawValue),
            "warning": warning.map { JSON($0) } ?? .null,
        ]
    }
}
