// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import GPULedger
package import HTTPClient
package import HTTPServer
package import LastUse
package import Logging
package import PodPatching
package import SpawnModel
import Telemetry

/// The hub's routes: the one place that knows every stage.
///
/// A request goes `admit` (route, token) before its body is read, then `respond`; both take the site that was in
/// force when the request came, so that a reload never changes a request under way.
package struct HubRoutes: Sendable {
    let ledger: Ledger
    let sources: SubjectSources
    let asking: any WebAsking
    /// Nil where there is no cluster to make them in.
    let objects: ObjectMaking?
    let farewells: Farewells
    let diary: DecisionDiary
    let gpuDecisions = GPUDecisionCounters()
    let now: @Sendable () -> Instant
    let siteInForce: @Sendable () -> Site
    let clusterFacts: @Sendable () -> ClusterFacts
    /// Nil where being unused ends nothing.
    package let idle: @Sendable (Reservation) -> IdleStanding?

    package init(
        ledger: Ledger, sources: SubjectSources, asking: any WebAsking, objects: ObjectMaking? = nil, log: Logger,
        now: @escaping @Sendable () -> Instant, siteInForce: @escaping @Sendable () -> Site,
        clusterFacts: @escaping @Sendable () -> ClusterFacts = { .unknown },
        idle: @escaping @Sendable (Reservation) -> IdleStanding? = { _ in nil }
    ) {
        self.ledger = ledger
        self.sources = sources
        self.asking = asking
        self.objects = objects
        farewells = Farewells(asking: asking, log: log)
        self.diary = DecisionDiary(log: log, now: now)
        self.now = now
        self.siteInForce = siteInForce
        self.clusterFacts = clusterFacts
        self.idle = idle
    }

    /// The last of them, for operators.
    package var decisions: DecisionMemory { diary.memory }

    package static func owns(path: String) -> Bool { HubRoute(rawValue: path) != nil }

    /// Refuses what needs no body to be refused; nil lets the body come.
    package func admit(_ head: HTTPRequestHead, site: Site) -> HTTPResponse? {
        do {
            _ = try entrance(of: head, site: site)
            return nil
        } catch {
            return error.response(to: RequestID(header: head.headers["x-request-id"]))
        }
    }

    package func respond(to request: HTTPRequest, site: Site) -> HTTPAnswer {
        let id = RequestID(header: request.head.headers["x-request-id"])
        do {
            let (route, deployment) = try entrance(of: request.head, site: site)
            if route == .availability { return .now(availability(at: site, id: id)) }
            let call = try HubCall(request, id: id, route: route, site: site, deployment: deployment)
            return try answer(call, query: request.head.query)
        } catch {
            diary.note(error, id: id, path: request.head.path)
            return .now(error.response(to: id))
        }
    }

    /// A call that has to wait for the ledger becomes a task; the others are answered where they stand.
    private func answer(_ call: HubCall, query: String?) throws(Problem) -> HTTPAnswer {
        switch call.route {
        case .optionsForm: about(call) { (subject) throws(Problem) in try optionsForm(call, subject) }
        case .options: about(call) { (subject) throws(Problem) in try options(call, subject) }
        case .pod: pod(call, try PodQuestion(query: query))
        case .preSpawn: later(call) { () async throws(Problem) in try await preSpawn(call) }
        case .postStop: later(call) { () async throws(Problem) in try await postStop(call) }
        case .walltime: later(call) { () async throws(Problem) in try await walltime(call) }
        case .availability: preconditionFailure("availability is answered before a body is read")
        }
    }

    func later(
        _ call: HubCall, _ work: @escaping @Sendable () async throws(Problem) -> HTTPResponse
    ) -> HTTPAnswer {
        .later {
            do throws(Problem) { return try await work() } catch { return refused(call, error) }
        }
    }

    func settled(_ call: HubCall, _ work: () throws(Problem) -> HTTPResponse) -> HTTPResponse {
        do throws(Problem) { return try work() } catch { return refused(call, error) }
    }

    func refused(_ call: HubCall, _ problem: Problem) -> HTTPResponse {
        diary.refused(call, problem)
        return problem.response(to: call.id)
    }

    private func entrance(
        of head: HTTPRequestHead, site: Site
    ) throws(Problem) -> (HubRoute, Deployment) {
        guard let route = HubRoute(rawValue: head.path) else {
            throw Problem(
                status: 404, code: "not-found", detail: "there is no \(head.path)",
                userMessage: Problem.hubFaultMessage)
        }
        guard let deployment = site.deployment(bearing: head.headers["authorization"]) else {
            throw Problem(
                status: 401, code: "hook-token-invalid",
                detail: "the request bears no deployment's hook token: compare the hub's token file with "
                    + "`deployments.….hook_token_file`",
                userMessage: "Your hub is not known to the service that places servers. Please tell the hub's "
                    + "operators.")
        }
        guard head.method == route.method else {
            throw Problem(
                status: 405, code: "method-not-allowed", detail: "\(head.path) takes \(route.method) only",
                userMessage: Problem.hubFaultMessage)
        }
        return (route, deployment)
    }
}

extension HTTPResponse {
    /// 200 with `json` as its body.
    static func ok(_ json: [UInt8], to id: RequestID) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [("Content-Type", "application/json"), ("X-Request-ID", id.description)],
            body: json
        )
    }
}
