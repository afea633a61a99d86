// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What becomes of a pod.
enum Verdict: Sendable {
    /// Berth has no say in it.
    case untouched
    /// It is as it should be under its reservation.
    case complete(reservationID: String)
    case patched(JSONPatch, reservationID: String, corrected: [String])
    case refused(Objection)
    /// It would be refused, and is let in with a warning.
    case audited(Objection)
}

extension Verdict {
    /// For metrics and log; few values, never renamed.
    var code: String {
        switch self {
        case .untouched: "untouched"
        case .complete: "complete"
        case .patched: "patched"
        case .refused(let objection): objection.code
        case .audited(let objection): "audited-" + objection.code
        }
    }

    /// The AdmissionReview that answers `review`.
    func json(to review: AdmissionReview) -> JSON {
        var response: JSONObject = ["uid": JSON(review.uid), "allowed": JSON(isAllowed)]
        switch self {
        case .untouched: break
        case .complete(let id): response["auditAnnotations"] = ["reservation-id": JSON(id)]
        case .patched(let patch, let id, _):
            response["patchType"] = "JSONPatch"
            response["patch"] = JSON(Base64.text(patch.json.bytes))
            response["auditAnnotations"] = ["reservation-id": JSON(id)]
        case .refused(let objection):
            response["status"] = [
                "code": JSON(objection.status), "message": JSON(objection.words),
                "reason": objection.status == 403 ? "Forbidden" : "ServiceUnavailable",
            ]
            response["auditAnnotations"] = ["refused": JSON(objection.code)]
        case .audited(let objection):
            response["warnings"] = [JSON("Berth would refuse this pod: \(objection.words)")]
            response["auditAnnotations"] = ["audited": JSON(objection.code)]
        }
        return ["apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": JSON(response)]
    }

    private var isAllowed: Bool {
        switch self {
        case .untouched, .complete, .patched, .audited: true
        case .refused: false
        }
    }
}

extension Objection {
    fileprivate var words: String { "\(sentence) [\(code)]" }
}
