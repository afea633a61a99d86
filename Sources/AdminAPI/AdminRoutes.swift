// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import GPULedger
package import HTTPClient
package import HTTPServer
package import HubAPI
package import Identity
package import Logging
package import MeasuredUse
package import SpawnModel
import Telemetry

/// The operators' routes: who holds what, what was decided, and the few changes that only people should make.
///
/// `admit` refuses what needs no proof to be refused; who the caller is may take a question to a hub or an issuer, so
/// `respond` always answers later.
package struct AdminRoutes: Sendable {
    let ledger: Ledger
    let hub: HubRoutes
    let measured: UseBoard
    let callers: AdminCallers
    let diary: AdminDiary
    let now: @Sendable () -> Instant
    let reload: @Sendable () async -> ReloadReport

    /// - Parameters:
    ///   - hub: whose decisions are shown, and which tells programs of a stop.
    ///   - measured: what devices and servers are seen to use; shown beside what is booked.
    ///   - reload: reads the configuration again, one reading after another.
    package init(
        ledger: Ledger, hub: HubRoutes, measured: UseBoard, issuers: Issuers, asking: any WebAsking, log: Logger,
        now: @escaping @Sendable () -> Instant, reload: @escaping @Sendable () async -> ReloadReport
    ) {
        self.ledger = ledger
        self.hub = hub
        self.measured = measured
        callers = AdminCallers(issuers: issuers, asking: asking, now: now)
        diary = AdminDiary(log: log)
        self.now = now
        self.reload = reload
    }

    package static func owns(path: String) -> Bool { path.hasPrefix(AdminRoute.prefix) }

    package func admit(_ head: HTTPRequestHead, site: Site) -> HTTPResponse? {
        do throws(Problem) {
            _ = try entrance(of: head, site: site)
            return nil
        } catch {
            return error.response(to: RequestID(header: head.headers["x-request-id"]))
        }
    }

    package func respond(to request: HTTPRequest, site: Site) -> HTTPAnswer {
        let id = RequestID(header: request.head.headers["x-request-id"])
        return .later {
            var caller: AdminCaller?
            do throws(Problem) {
                let (route, terms, token) = try entrance(of: request.head, site: site)
                let known = try await callers.caller(bearing: token, terms, site)
                caller = known
                guard known.role >= route.needs else { throw .roleTooLow(known, needs: route.needs) }
                let call = try AdminCall(request, id: id, caller: known, site: site, now: now())
                let response = try await answer(route, call)
                diary.answered(call, route)
                return response
            } catch {
                diary.refused(error, id: id, AdminRoute(path: request.head.path), caller)
                return error.response(to: id)
            }
        }
    }

    private func answer(_ route: AdminRoute, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        switch route {
        case .nodes: try await nodes(call)
        case .drain(let node): try await drain(node, call)
        case .undrain(let node): try await undrain(node, call)
        case .devices: try await devices(call)
        case .reservations: try await reservations(call)
        case .reservation(let id): try await reservation(id, call)
        case .release(let id): try await release(id, call)
        case .extend(let id): try await extend(id, call)
        case .quotas: try await quotas(call)
        case .waiting: try waiting(call)
        case .usage: try await usage(call)
        case .decisions: try decisions(call)
        case .explain: try explain(call)
        case .reload: try await reload(call)
        case .profiles: try profiles(call)
        case .images: try images(call)
        case .audit: try await audit(call)
        }
    }

    private func entrance(
        of head: HTTPRequestHead, site: Site
    ) throws(Problem) -> (AdminRoute, AdminTerms, token: String) {
        guard let terms = site.admin, let route = AdminRoute(path: head.path) else {
            throw .noSuchAdminPath(isOpen: site.admin != nil)
        }
        guard let token = BearerToken(head.headers["authorization"])?.text else { throw .adminTokenMissing }
        guard head.method == route.method else { throw .adminMethod(route.method) }
        return (route, terms, token)
    }
}

/// What came of reading the configuration again.
package struct ReloadReport: Sendable {
    package let isInForce: Bool
    /// What is wrong with the files; the old configuration stays in force then.
    package let faults: [String]
    /// Keys whose new values wait for a restart.
    package let waitingForRestart: [String]
    /// Of the configuration in force.
    package let loadedAt: Instant

    package init(isInForce: Bool, faults: [String], waitingForRestart: [String], loadedAt: Instant) {
        self.isInForce = isInForce
        self.faults = faults
        self.waitingForRestart = waitingForRestart
        self.loadedAt = loadedAt
    }
}
