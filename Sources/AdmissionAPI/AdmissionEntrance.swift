// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import Sockets

/// Who may ask, and what for: `/v1/admission/pods` to have pods changed, `/v1/admission/pods/validate` to have them held
/// against what they should be; either with a secret as the path's last part.
struct AdmissionEntrance {
    enum Way: Sendable {
        case mutate, validate
    }

    let way: Way
    let terms: AdmissionTerms

    /// - Throws: `Problem` 404, 405, or 403 for a caller who has neither a certificate that counts nor the secret. The
    ///   path is in none of them, since it may hold the secret, or half of it.
    init(_ head: HTTPRequestHead, site: Site) throws(Problem) {
        guard let terms = site.admission, let (way, secret) = Self.parts(of: head.path) else { throw .noSuchPath }
        guard Self.mayAsk(head.certificate, secret, terms) else { throw .callerUnknown }
        guard head.method == "POST" else { throw .methodNotPost }
        self.way = way
        self.terms = terms
    }

    private static func parts(of path: String) -> (Way, secret: Substring?)? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard parts.starts(with: ["", "v1", "admission", "pods"]) else { return nil }
        parts = parts.dropFirst(4)
        let way: Way = parts.first == "validate" ? .validate : .mutate
        if way == .validate { parts = parts.dropFirst() }
        return parts.count > 1 ? nil : (way, parts.first)
    }

    private static func mayAsk(_ certificate: PeerCertificate?, _ secret: Substring?, _ terms: AdmissionTerms) -> Bool {
        if let secret, let known = terms.pathSecret, known.matches(Array(secret.utf8)) { return true }
        guard let certificate else { return false }
        return terms.clientNames.isEmpty || certificate.names.contains(where: terms.clientNames.contains)
    }
}

extension Problem {
    private static let message = "This address is for the Kubernetes API server."

    static let noSuchPath = Problem(
        status: 404, code: "not-found",
        detail: "there is no such path: `admission` in the configuration opens /v1/admission/pods", userMessage: message
    )

    static let callerUnknown = Problem(
        status: 403, code: "caller-unknown",
        detail: "the caller shows no certificate that `tls.client_ca_file` vouches for and `admission.client_names` "
            + "names, nor the secret of `admission.path_secret_file`", userMessage: message)

    static let methodNotPost = Problem(
        status: 405, code: "method-not-allowed", detail: "/v1/admission/pods takes POST only", userMessage: message)

    static func reviewUnreadable(_ fault: String) -> Problem {
        Problem(status: 400, code: "review-unreadable", detail: fault, userMessage: message)
    }
}
