// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
internal import JSONTree

/// The API server's `Status`: why it did not do what it was asked (meta/v1).
struct ServerStatus {
    let code: Int
    /// `NotFound`, `AlreadyExists`, `Conflict` and their like; empty when it gives none.
    let reason: String
    /// One line of bounded length.
    let message: String
    /// Whether it is about an object of that name, and not about a path that nobody serves.
    let namesObject: Bool
    private let causes: [(reason: String, message: String, field: String)]

    init(code: Int, _ json: JSON?) {
        let details = json?["details"]
        self.code = code
        reason = json?["reason"]?.string ?? ""
        message = (json?["message"]?.string ?? "no reason given").inSentence
        namesObject = !(details?["name"]?.string ?? "").isEmpty
        causes = (details?["causes"]?.array ?? []).prefix(20).map { cause in
            func text(_ key: String) -> String { (cause[key]?.string ?? "").printable(most: 200) }
            return (text("reason"), text("message"), text("field"))
        }
    }

    /// A watch tells of its end by one too, under status 200.
    init(_ json: JSON) { self.init(code: json["code"]?.int ?? 500, json) }

    init(_ response: HTTPClientResponse) {
        let json = try? JSON(parsing: response.body)
        self.init(code: response.status, json?["kind"]?.string == "Status" ? json : Optional.none)
    }

    func error(of call: ResourceCall, retryAfter: Duration?) -> KubernetesError {
        switch (code, reason) {
        case (401, _): .unauthorized(call)
        case (403, _): .forbidden(call, safeMessage(of: call))
        case (404, _): .notFound(call, message)
        case (409, "AlreadyExists"): .alreadyExists(call)
        case (409, _): fieldConflict.map { .fieldConflict(call, $0) } ?? .conflict(call, message)
        case (410, _): .expired(call)
        case (400, _), (413, _), (415, _), (422, _): .invalid(call, safeMessage(of: call))
        case (429, _): .throttled(call, retryAfter: retryAfter)
        default: .serverFailed(call, status: code, safeMessage(of: call), retryAfter: retryAfter)
        }
    }

    /// What the server says of an object that it does not like quotes it; a secret's has to stay out.
    private func safeMessage(of call: ResourceCall) -> String {
        guard call.kind == .secret, code != 403 else { return message }
        let fields = causes.map(\.field).filter { !$0.isEmpty }
        let words = reason.isEmpty ? "no reason given" : reason
        return fields.isEmpty ? words : "\(words) in \(fields.joined(separator: ", "))"
    }

    /// `conflict with "kubectl" using v1`, once a field.
    private var fieldConflict: FieldConflict? {
        let conflicts = causes.filter { $0.reason == "FieldManagerConflict" }
        guard !conflicts.isEmpty else { return nil }
        var managers: [String] = []
        for conflict in conflicts {
            let parts = conflict.message.split(separator: "\"", omittingEmptySubsequences: false)
            let manager = parts.count > 2 ? String(parts[1]) : conflict.message
            if !managers.contains(manager) { managers.append(manager) }
        }
        return FieldConflict(managers: managers, fields: conflicts.map(\.field))
    }
}

extension String {
    /// On one line, bounded, without an end.
    var inSentence: String {
        var words = printable(most: 500)
        while let last = words.last, last == "." || last == " " || last == "\n" { words.removeLast() }
        return words
    }
}
