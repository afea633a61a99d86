// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import HTTPServer
import HubAPI
import Identity
import JSONTree
import SpawnModel
import Telemetry
import Upkeep

/// `/livez`, `/readyz` and `/metrics`: no secrets, so no token.
struct HealthRoutes: Sendable {
    let inForce: SiteInForce
    let ledger: LedgerHealth
    let sources: SubjectSources
    let sync: ServedSync?
    let watch: ServedGPUWatch?
    let metrics: MetricsRegistry
    let gauges: GPUGauges

    private enum Route: String {
        case live = "/livez"
        case ready = "/readyz"
        case metrics = "/metrics"
    }

    func owns(_ path: String) -> Bool { Route(rawValue: path) != nil }

    func admit(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard head.method == "GET" || head.method == "HEAD" else {
            return HTTPResponse(
                status: 405, headers: [("Allow", "GET, HEAD"), ("Content-Type", "text/plain; charset=utf-8")],
                body: Array("\(head.path) takes GET only\n".utf8))
        }
        return nil
    }

    func respond(to request: HTTPRequest) -> HTTPAnswer {
        switch Route(rawValue: request.head.path) {
        case .live: .now(.live)
        case .ready: .later { await readiness() }
        case .metrics:
            .later {
                let text = metrics.exposition(with: await gauges.all(now: .now()))
                return .text(200, text, type: "text/plain; version=0.0.4; charset=utf-8")
            }
        case nil: preconditionFailure("Service hands over only the paths that are owned here")
        }
    }

    /// 200 where a spawn could be decided now, 503 otherwise; either way with a reason per part.
    private func readiness() async -> HTTPResponse {
        let ledgerFault = await ledger.fault(now: .now())
        var parts: JSONObject = [
            "ledger": JSON(ledgerFault ?? "ok"),
            "configuration": JSON(inForce.words),
        ]
        for (issuer, standing) in sources.issuers.standings(inForce.site.issuersInUse) {
            // An issuer that fails does not make this Berth unready: another one could ask it no better, and each user
            // is told what is wrong.
            parts["issuer \(issuer)"] = JSON("\(standing)")
        }
        if let directory = inForce.site.directory {
            parts["directory"] = JSON("\(sources.directories.standing(directory.terms))")
        }
        if let words = sync?.words { parts["sync"] = JSON(words) }
        // Starts without a GPU go on while the cluster is not seen.
        if let standing = watch?.watch.standing { parts["gpus"] = JSON("\(standing)") }
        if let until = inForce.certificateValidUntil {
            parts["tls"] = JSON(until > .now() ? "ok, until \(until)" : "the certificate has expired at \(until)")
        }
        return HTTPResponse(
            status: ledgerFault == nil ? 200 : 503, headers: [("Content-Type", "application/json")],
            body: JSON(["ready": JSON(ledgerFault == nil), "parts": JSON(parts)]).bytes)
    }
}

extension HTTPResponse {
    fileprivate static let live = text(200, "ok\n", type: "text/plain; charset=utf-8")

    fileprivate static func text(_ status: Int, _ text: String, type: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", type)], body: Array(text.utf8))
    }
}
