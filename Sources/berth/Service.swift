// SPDX-License-Identifier: Apache-2.0
import AdminAPI
import AdmissionAPI
import Configuration
import CoreMetrics
import GPULedger
import HTTPServer
import HubAPI
import Logging
import SidecarAPI
import Sockets
import Telemetry

/// Everything that Berth answers over HTTP: the hub's routes, the API server's, and what watches Berth itself.
struct Service: HTTPService {
    let inForce: SiteInForce
    let hub: HubRoutes
    let admission: AdmissionRoutes
    let admin: AdminRoutes
    let sidecars: SidecarRoutes
    let health: HealthRoutes
    let log: Logger

    func admit(_ head: HTTPRequestHead) -> HTTPResponse? {
        if health.owns(head.path) { return health.admit(head) }
        if AdmissionRoutes.owns(path: head.path) { return admission.admit(head, site: inForce.site) }
        if AdminRoutes.owns(path: head.path) { return admin.admit(head, site: inForce.site) }
        if SidecarRoutes.owns(path: head.path) { return sidecars.admit(head, site: inForce.site) }
        return hub.admit(head, site: inForce.site)
    }

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        if health.owns(request.head.path) { return health.respond(to: request) }
        if AdmissionRoutes.owns(path: request.head.path) { return admission.respond(to: request, site: inForce.site) }
        if AdminRoutes.owns(path: request.head.path) { return admin.respond(to: request, site: inForce.site) }
        if SidecarRoutes.owns(path: request.head.path) { return sidecars.respond(to: request, site: inForce.site) }
        return hub.respond(to: request, site: inForce.site)
    }

    func refusal(of fault: HTTPFault) -> HTTPResponse {
        Problem(fault).response(to: RequestID(header: nil))
    }

    func noteFailedHandshake(from peer: PeerAddress, reason: String) {
        Counter(label: "berth_tls_handshakes_failed_total", dimensions: [("reason", reason)]).increment()
        log.info("TLS handshake failed", metadata: ["peer": .string(peer.description), "reason": .string(reason)])
    }
}
