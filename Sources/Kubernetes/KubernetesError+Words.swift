// SPDX-License-Identifier: Apache-2.0

extension KubernetesError: CustomStringConvertible {
    /// What was asked, what happened, what an operator can do.
    package var description: String {
        switch self {
        case .noAnswer(let call, let error):
            "The cluster did not answer to \"\(call)\": \(error)"
        case .unauthorized(let call):
            "The cluster does not know who Berth is (401, to \"\(call)\"). Check the token or certificate that "
                + "`kubernetes` in the configuration names, and that it has not expired."
        case .forbidden(let call, let words):
            "The cluster does not let Berth \(call) (403): \(words). If its role lacks it, add the rule \(call.rule); "
                + "config/kubernetes/rbac.yaml has all that Berth uses."
        case .notFound(let call, let words):
            "The cluster cannot \(call) (404): \(words). Check that the namespace exists and that the cluster serves "
                + "\(call.kind.apiVersion)."
        case .alreadyExists(let call):
            "The cluster did not \(call): there is one of that name already."
        case .conflict(let call, let words):
            "The cluster did not \(call), since it was changed meanwhile (409): \(words)."
        case .fieldConflict(let call, let conflict):
            "The cluster did not \(call): \(conflict). Have one of the two leave these fields alone, or remove the "
                + "object so that Berth makes it anew."
        case .expired(let call):
            "The cluster no longer keeps the version from which to \(call) (410). Everything is read again."
        case .invalid(let call, let words):
            "The cluster takes what it was sent to \(call) for invalid: \(words)."
        case .throttled(let call, let span):
            "The cluster is too busy to \(call) (429)" + (span.map { ", for \($0.wholeSecondsUp) s" } ?? "")
                + ". Try again then; if it goes on, look at the API server's load and flow control."
        case .serverFailed(let call, let status, let words, _):
            "The cluster failed to \(call) (\(status)): \(words). Look into the API server's log."
        case .unreadable(let call, let words):
            "The answer to \"\(call)\" is not the Kubernetes API's: \(words). Check the server's address."
        case .tokenUnreadable(let path, let reason):
            "The file with Berth's token for the cluster, \(path), \(reason)."
        case .unfit(let call, let reason):
            "The cluster was not asked to \(call): \(reason)."
        }
    }
}

extension FieldConflict: CustomStringConvertible {
    package var description: String {
        let who = managers.map { "\"\($0)\"" }.joined(separator: ", ")
        return "the field manager \(who) says what is in \(fields.joined(separator: ", "))"
    }
}

extension Duration {
    /// At least 1.
    var wholeSecondsUp: Int64 { max(1, components.seconds + (components.attoseconds > 0 ? 1 : 0)) }
}
