// SPDX-License-Identifier: Apache-2.0
import HubAPI
import JupyterHub
import SpawnModel

// Nobody but a sidecar reads these: what its user should know of them stands in its own notice.

extension Problem {
    static var noSuchSidecarPath: Problem { sidecar(404, "not-found", "sidecars have no such path") }

    static func sidecarMethod(_ route: SidecarRoute) -> Problem {
        sidecar(405, "method-not-allowed", "\(route.rawValue) takes \(route.methods) only")
    }

    static func sidecarToken(_ why: String) -> Problem { sidecar(401, "sidecar-token-invalid", why) }

    static func sidecarBody(_ fault: String) -> Problem { sidecar(422, "body-invalid", "the body \(fault)") }

    static var hubUnknown: Problem {
        sidecar(
            503, "hub-unknown", "the deployment has no `hub_api`, so that its hub cannot be asked", again: .seconds(60))
    }

    static var tokenNotGranted: Problem {
        sidecar(404, "token-not-granted", "`audience` is none of those that the server was started with")
    }

    static func sidecarQuery(_ part: Substring) -> Problem {
        sidecar(422, "query-invalid", "`\(part.prefix(64))` is no `audience=…`")
    }

    /// 403 where the user has to log in again, 503 with a time to come again otherwise.
    init(_ fault: HubFault) {
        switch fault {
        case .loginExpired: self = .loginExpired
        case .away(_, let span):
            self.init(
                status: 503, code: "hub-away", detail: "\(fault)",
                userMessage: "Your hub does not answer right now. It is asked again by itself.",
                retryAfter: span ?? .seconds(5))
        case .notAllowed, .misfit:
            self.init(
                status: 503, code: "hub-misfit", detail: "\(fault)",
                userMessage: "Your hub is not set up for this. Please tell the hub's operators.",
                retryAfter: .seconds(60))
        }
    }

    private static func sidecar(_ status: Int, _ code: String, _ detail: String, again: Duration? = nil) -> Problem {
        Problem(
            status: status, code: code, detail: detail, userMessage: "Berth's helper in your server could not do this.",
            retryAfter: again)
    }
}
