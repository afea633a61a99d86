// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import HTTPServer
import HubAPI
import Telemetry

/// Everything that Berth answers over HTTP: the hub's routes, and what watches Berth itself.
struct Service: HTTPService {
    let inForce: SiteInForce
    let hub: HubRoutes
    let health: HealthRoutes

    func admit(_ head: HTTPRequestHead) -> HTTPResponse? {
        if health.owns(head.path) { return health.admit(head) }
        return hub.admit(head, site: inForce.site)
    }

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        if health.owns(request.head.path) { return health.respond(to: request) }
        return hub.respond(to: request, site: inForce.site)
    }

    func refusal(of fault: HTTPFault) -> HTTPResponse {
        Problem(fault).response(to: RequestID(header: nil))
    }
}
