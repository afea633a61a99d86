// SPDX-License-Identifier: Apache-2.0
package import Configuration
package import GPULedger
package import HTTPServer
package import HubAPI
import JSONTree
package import Logging
package import SpawnModel
import Telemetry

/// The Kubernetes API server's question about pods: may this one be, and as what?
///
/// `admit` asks who is there before a body is read; `respond` answers within `AdmissionTerms.timeout`. A review that
/// Berth can read is always answered 200 with a yes or a no of its own: a status of failure would leave the decision to
/// the webhook's `failurePolicy`.
package struct AdmissionRoutes: Sendable {
    let hub: HubRoutes
    let ledger: Ledger
    let diary: AdmissionDiary
    let now: @Sendable () -> Instant

    /// - Parameter hub: patches pods, as for a hub.
    package init(hub: HubRoutes, ledger: Ledger, log: Logger, now: @escaping @Sendable () -> Instant) {
        self.hub = hub
        self.ledger = ledger
        self.diary = AdmissionDiary(log: log)
        self.now = now
    }

    package static func owns(path: String) -> Bool { path.hasPrefix("/v1/admission/") }

    /// Refuses what needs no body to be refused; nil lets the body come.
    package func admit(_ head: HTTPRequestHead, site: Site) -> HTTPResponse? {
        let id = RequestID(header: head.headers["x-request-id"])
        do throws(Problem) {
            _ = try AdmissionEntrance(head, site: site)
            return nil
        } catch {
            diary.turnedAway(error, id: id)
            return error.response(to: id)
        }
    }

    package func respond(to request: HTTPRequest, site: Site) -> HTTPAnswer {
        let id = RequestID(header: request.head.headers["x-request-id"])
        do throws(Problem) {
            let entrance = try AdmissionEntrance(request.head, site: site)
            let review = try AdmissionReview(request.body)
            let judge = PodJudge(review: review, way: entrance.way, site: site, hub: hub, ledger: ledger, now: now)
            if let verdict = judge.verdictAtHand() { return .now(told(verdict, of: review, id)) }
            return .later {
                let verdict = await Patience.wait(entrance.terms.timeout, for: { await judge.verdict() })
                return told(verdict ?? .refused(.tooSlow), of: review, id)
            }
        } catch {
            diary.turnedAway(error, id: id)
            return .now(error.response(to: id))
        }
    }

    private func told(_ verdict: Verdict, of review: AdmissionReview, _ id: RequestID) -> HTTPResponse {
        diary.note(verdict, of: review, id: id)
        return HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json"), ("X-Request-ID", id.description)],
            body: verdict.json(to: review).bytes)
    }
}
