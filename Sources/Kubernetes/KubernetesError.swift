// SPDX-License-Identifier: Apache-2.0
package import HTTPClient

/// Why the API server did not do what it was asked. No object's contents are ever in it.
package enum KubernetesError: Error, Hashable, Sendable {
    /// No whole answer came; what was asked may have been done.
    case noAnswer(ResourceCall, HTTPClientError)
    /// 401: the server does not know us.
    case unauthorized(ResourceCall)
    /// 403: our role lacks it, or something at the server's door refuses it; the words are the server's.
    case forbidden(ResourceCall, String)
    /// 404, where something else is missing than an object that was looked for: its namespace, or the whole kind.
    case notFound(ResourceCall, String)
    case alreadyExists(ResourceCall)
    /// 409: it is not what we took it for any more; read it again.
    case conflict(ResourceCall, String)
    /// 409: others say what these fields hold.
    case fieldConflict(ResourceCall, FieldConflict)
    /// 410: the version or the page that we go on from is no longer kept. Read everything again.
    case expired(ResourceCall)
    /// 400, 413, 415 or 422: the object or the patch is not as it must be.
    case invalid(ResourceCall, String)
    /// 429, for as long as we may wait.
    case throttled(ResourceCall, retryAfter: Duration?)
    /// 500 and above, and whatever else is no success.
    case serverFailed(ResourceCall, status: Int, String, retryAfter: Duration?)
    /// What came is not what the API answers.
    case unreadable(ResourceCall, String)
    /// The file with our own token cannot be read.
    case tokenUnreadable(path: String, reason: String)
    /// Nothing was sent: no such request can be made.
    case unfit(ResourceCall, reason: String)
}

/// Fields that another manager owns (server-side apply).
package struct FieldConflict: Hashable, Sendable {
    /// `kubectl`, each once, in the server's order; bounded.
    package let managers: [String]
    /// `.data.passwd`; bounded.
    package let fields: [String]
}

extension KubernetesError {
    /// When asking again may help; nil when nobody knows.
    package var retryAfter: Duration? {
        switch self {
        case .throttled(_, let span), .serverFailed(_, _, _, let span): span
        case .noAnswer(_, let error): error.retryAfter
        case .unauthorized, .forbidden, .notFound, .alreadyExists, .conflict, .fieldConflict, .expired, .invalid,
            .unreadable, .tokenUnreadable, .unfit:
            nil
        }
    }

    /// Stable names for logs and metrics.
    package var code: String {
        switch self {
        case .noAnswer: "cluster-no-answer"
        case .unauthorized: "cluster-unauthorized"
        case .forbidden: "cluster-forbidden"
        case .notFound: "cluster-not-found"
        case .alreadyExists: "cluster-already-exists"
        case .conflict: "cluster-conflict"
        case .fieldConflict: "cluster-field-conflict"
        case .expired: "cluster-expired"
        case .invalid: "cluster-invalid"
        case .throttled: "cluster-throttled"
        case .serverFailed: "cluster-failed"
        case .unreadable: "cluster-answer-unreadable"
        case .tokenUnreadable: "cluster-token-unreadable"
        case .unfit: "cluster-request-unfit"
        }
    }
}
