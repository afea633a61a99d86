// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import GPULedger
package import HTTPClient
package import HTTPServer
package import HubAPI
package import Identity
import JSONTree
package import LastUse
package import Logging
import MeasuredUse
import SidecarTokens
package import SpawnModel
import Telemetry

/// The questions of the containers that Berth adds to pods.
///
/// A sidecar proves itself by a token that is bound to reservation, deployment and pod; whether that reservation still
/// lives is read from the ledger each time, so that nothing has to be revoked.
package struct SidecarRoutes: Sendable {
    let hub: HubRoutes
    let ledger: Ledger
    let asking: any WebAsking
    let desk: TokenDesk
    let lastUses: LastUses
    let diary: SidecarDiary
    let now: @Sendable () -> Instant

    /// - Parameters:
    ///   - hub: knows how long a session may run.
    ///   - asking: asks hubs to stop servers and for tokens.
    ///   - issuers: narrow tokens.
    ///   - lastUses: know whether a server has been unused for too long.
    package init(
        hub: HubRoutes, ledger: Ledger, asking: any WebAsking, issuers: Issuers, lastUses: LastUses, log: Logger,
        now: @escaping @Sendable () -> Instant
    ) {
        self.hub = hub
        self.ledger = ledger
        self.asking = asking
        desk = TokenDesk(asking: asking, issuers: issuers, now: now)
        self.lastUses = lastUses
        diary = SidecarDiary(log: log)
        self.now = now
    }

    package static func owns(path: String) -> Bool { path.hasPrefix("/v1/sidecar/") }

    /// Refuses what needs no body to be refused; nil lets the body come.
    package func admit(_ head: HTTPRequestHead, site: Site) -> HTTPResponse? {
        let id = RequestID(header: head.headers["x-request-id"])
        do throws(Problem) {
            let route = try route(of: head)
            _ = try pass(of: head, route, site)
            return nil
        } catch {
            diary.refused(error, id: id, head.path)
            return error.response(to: id)
        }
    }

    package func respond(to request: HTTPRequest, site: Site) -> HTTPAnswer {
        let id = RequestID(header: request.head.headers["x-request-id"])
        return .later {
            do throws(Problem) {
                let call = try await call(request, id, site)
                return try await answer(call)
            } catch {
                diary.refused(error, id: id, request.head.path)
                return error.response(to: id)
            }
        }
    }

    private func answer(_ call: SidecarCall) async throws(Problem) -> HTTPResponse {
        if call.isEvent { return try await event(call) }
        let answer =
            switch call.route {
            case .session: try await session(call)
            case .walltime: try await walltime(call)
            case .token: try await token(call)
            }
        diary.answered(call)
        return answer
    }

    // MARK: Who asks

    private func call(_ request: HTTPRequest, _ id: RequestID, _ site: Site) async throws(Problem) -> SidecarCall {
        let route = try route(of: request.head)
        let pass = try pass(of: request.head, route, site)
        return SidecarCall(
            id: id, route: route, isPost: request.head.method == "POST", site: site, pass: pass,
            reservation: try await reservation(of: pass), query: request.head.query, body: try body(request.body))
    }

    private func route(of head: HTTPRequestHead) throws(Problem) -> SidecarRoute {
        guard let route = SidecarRoute(rawValue: head.path) else { throw .noSuchSidecarPath }
        guard route.takes(head.method) else { throw .sidecarMethod(route) }
        return route
    }

    private func pass(
        of head: HTTPRequestHead, _ route: SidecarRoute, _ site: Site
    ) throws(Problem) -> SidecarPass {
        guard let tokens = site.sidecarTokens else { throw .sidecarToken("no `seal` is configured to sign any") }
        guard let text = BearerToken(head.headers["authorization"])?.text else { throw .sidecarToken("there is none") }
        do throws(SidecarTokenError) {
            return switch route {
            case .session: try tokens.pass(inCredential: text)
            case .walltime, .token: try tokens.pass(inToken: text, at: now())
            }
        } catch {
            throw .sidecarToken("\(error)")
        }
    }

    /// From memory where it is in use.
    func reservation(of pass: SidecarPass) async throws(Problem) -> Reservation {
        var found = ledger.boundReservation(pass.reservationID)
        if found == nil {
            do { found = try await ledger.reservation(pass.reservationID) } catch { throw Problem(error) }
        }
        guard let found, found.server.deployment == pass.deployment, found.state.holdsCapacity else {
            throw .noSession
        }
        return found
    }

    private func body(_ bytes: [UInt8]) throws(Problem) -> JSON {
        guard !bytes.isEmpty else { return .emptyObject }
        guard let body = try? JSON(parsing: bytes), body.kind == .object else {
            throw .sidecarBody("must be a JSON object")
        }
        return body
    }
}
