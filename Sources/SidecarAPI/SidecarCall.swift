// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import JSONTree
import SidecarTokens
import SpawnModel
import Telemetry

/// One question of a sidecar, once it is known whose it is.
struct SidecarCall: Sendable {
    let id: RequestID
    let route: SidecarRoute
    let isPost: Bool
    let site: Site
    let pass: SidecarPass
    /// What the pass is for; live when the call came.
    let reservation: Reservation
    let query: String?
    /// An object; empty where nothing was sent.
    let body: JSON

    var isEvent: Bool { route == .walltime && isPost }

    func ok(_ json: JSON) -> HTTPResponse {
        let headers = [
            ("Content-Type", "application/json"), ("X-Request-ID", id.description),
            // Tokens and times are of this moment.
            ("Cache-Control", "no-store"),
        ]
        return HTTPResponse(status: 200, headers: headers, body: json.bytes)
    }
}
