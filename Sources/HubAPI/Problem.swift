// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import HTTPServer
import JSONTree
import SpawnModel
package import Telemetry

/// An answer that says no: RFC 9457 problem details with Berth's members.
///
/// Four readers: the user gets `user_message`, metrics get `code`, the log gets `detail`, the client gets `status`.
package struct Problem: Error, Sendable {
    package let status: Int
    /// Stable, kebab-case, never renamed.
    package let code: String
    /// For operators; no secrets.
    package let detail: String
    /// For the person at the spawn page: what happened, what to do, when it helps.
    package let userMessage: String
    package var retryAfter: Duration?
    /// One entry per form field, where a form was refused.
    package var fieldErrors: [FieldProblem] = []
    /// The place in the waiting list, where a full pool has one.
    package var waiting: WaitingPlace?

    package init(status: Int, code: String, detail: String, userMessage: String, retryAfter: Duration? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.userMessage = userMessage
        self.retryAfter = retryAfter
    }

    package struct FieldProblem: Sendable {
        package let field: String
        package let code: String
        package let message: String
    }
}

extension Problem {
    package func response(to id: RequestID) -> HTTPResponse {
        var body: JSONObject = [
            "type": JSON("urn:berth:problem:\(code)"),
            "title": JSON(Self.title(of: status)),
            "status": JSON(status),
            "code": JSON(code),
            "detail": JSON(detail),
            "user_message": JSON(userMessage),
            "request_id": JSON(id.description),
        ]
        if let retryAfter { body["retry_after_s"] = JSON(Int(retryAfter.wholeSeconds)) }
        if let waiting { body["waiting"] = waiting.json }
        if !fieldErrors.isEmpty { body["errors"] = JSON(fieldErrors.map(\.json)) }
        var headers = [("Content-Type", "application/problem+json"), ("X-Request-ID", id.description)]
        if let retryAfter { headers.append(("Retry-After", String(max(1, retryAfter.wholeSeconds)))) }
        if status == 401 { headers.append(("WWW-Authenticate", #"Bearer realm="berth""#)) }
        return HTTPResponse(status: status, headers: headers, body: JSON(body).bytes)
    }

    private static func title(of status: Int) -> String {
        switch status {
        case 400: "The request cannot be read"
        case 401: "No valid token"
        case 403: "Not allowed"
        case 404: "No such thing here"
        case 405: "Wrong method"
        case 409: "Not possible now"
        case 415: "Wrong content type"
        case 422: "The values cannot be used"
        case 500: "Berth failed"
        default: status >= 500 ? "Berth cannot answer now" : "Refused"
        }
    }
}

extension Problem.FieldProblem {
    fileprivate var json: JSON {
        ["field": JSON(field), "code": JSON(code), "message": JSON(message)]
    }
}
