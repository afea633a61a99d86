// SPDX-License-Identifier: Apache-2.0
import HubAPI
import JSONTree
import PodPatching

/// One question of the API server (admission.k8s.io/v1, AdmissionReview), as far as it is looked at.
struct AdmissionReview: Sendable {
    enum Subject: Sendable {
        case newPod
        /// The pod with the containers that somebody wants to look into it with.
        case ephemeralContainers
        /// Nothing that Berth has a say in.
        case other
    }

    /// Comes back with the answer.
    let uid: String
    let subject: Subject
    let namespace: String
    /// Nothing may be changed anywhere by answering.
    let isDryRun: Bool
    let object: JSON

    /// - Throws: `Problem` 400 with what is missing, or with the version that is wanted.
    init(_ body: [UInt8]) throws(Problem) {
        let review: JSON
        do { review = try JSON(parsing: body) } catch { throw .reviewUnreadable("the body is not JSON: \(error)") }
        guard review["kind"]?.string == "AdmissionReview" else {
            throw .reviewUnreadable("the body is no AdmissionReview")
        }
        let version = review["apiVersion"]?.string ?? "none"
        guard version == "admission.k8s.io/v1" else {
            throw .reviewUnreadable(
                "the review's version is \(version.prefix(64)), and admission.k8s.io/v1 is spoken here: "
                    + "write `admissionReviewVersions: [v1]` in the webhook's configuration")
        }
        guard let request = review["request"], let uid = request["uid"]?.string, !uid.isEmpty, uid.utf8.count <= 256
        else { throw .reviewUnreadable("the review has no `request` with a `uid`") }
        self.uid = uid
        subject = Self.subject(of: request)
        namespace = request["namespace"]?.string ?? ""
        isDryRun = request["dryRun"]?.bool ?? false
        object = request["object"] ?? .null
        if case .newPod = subject, object["spec"]?.kind != .object {
            throw .reviewUnreadable("the review's `request.object` is no pod")
        }
    }

    private static func subject(of request: JSON) -> Subject {
        guard request["resource"]?["group"]?.string == "", request["resource"]?["resource"]?.string == "pods" else {
            return .other
        }
        switch (request["operation"]?.string, request["subResource"]?.string ?? "") {
        case ("CREATE", ""): return .newPod
        case ("UPDATE", "ephemeralcontainers"): return .ephemeralContainers
        default: return .other
        }
    }
}

extension AdmissionReview {
    /// Empty where the API server is to make one.
    var podName: String { object["metadata"]?["name"]?.string ?? "" }

    /// The reservation that the pod says to be made for. A label counts too, since pods are looked up by it.
    var reservationID: String? {
        let metadata = object["metadata"]
        return metadata?["annotations"]?[PodKeys.reservationID]?.string
            ?? metadata?["labels"]?[PodKeys.reservationID]?.string
    }

    var seal: String? { object["metadata"]?["annotations"]?[PodKeys.seal]?.string }
}
