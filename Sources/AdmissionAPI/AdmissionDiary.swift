// SPDX-License-Identifier: Apache-2.0
import HubAPI
import JSONTree
import Logging
import SpawnModel
import Telemetry

/// One log line and one count for each review. Paths are never in it, since one may hold the secret.
struct AdmissionDiary: Sendable {
    let log: Logger
    private let counters = DecisionCounters()
    private static let route = "/v1/admission/pods"

    init(log: Logger) { self.log = log }

    func note(_ verdict: Verdict, of review: AdmissionReview, id: RequestID) {
        counters.count(Self.route, verdict.code)
        var metadata: Logger.Metadata = [
            "request_id": .string(id.description), "uid": .string(review.uid), "code": .string(verdict.code),
            "namespace": .string(String(review.namespace.prefix(63))),
            "pod": .string(String(review.podName.prefix(253))),
            "reservation_id": .string(String((review.reservationID ?? "").prefix(128))),
        ]
        if review.isDryRun { metadata["dry_run"] = "true" }
        log.log(level: verdict.level, "pod review", metadata: metadata.merging(verdict.facts) { $1 })
    }

    /// A request that is no review, or nobody's who may ask.
    func turnedAway(_ problem: Problem, id: RequestID) {
        counters.count(Self.route, problem.code)
        log.notice(
            "request refused",
            metadata: [
                "request_id": .string(id.description), "path": .string(Self.route), "code": .string(problem.code),
                "detail": .string(problem.detail),
            ])
    }
}

extension Verdict {
    fileprivate var level: Logger.Level {
        switch self {
        case .untouched, .complete: .debug
        case .patched: .info
        case .refused(let objection): objection.status >= 500 ? .error : .notice
        case .audited: .warning
        }
    }

    fileprivate var facts: Logger.Metadata {
        switch self {
        case .untouched, .complete: [:]
        case .patched(let patch, _, let corrected):
            [
                "operations": .stringConvertible(patch.operations.count),
                "corrected": .array(corrected.prefix(20).map { .string($0) }),
            ]
        case .refused(let objection), .audited(let objection): ["detail": .string(objection.sentence)]
        }
    }
}
