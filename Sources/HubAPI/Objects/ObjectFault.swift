// SPDX-License-Identifier: Apache-2.0
import Kubernetes
import SpawnModel

/// Why an object beside a pod does not stand there.
enum ObjectFault: Error {
    case cluster(KubernetesError)
    /// There is one of that name that is not Berth's, or another server's.
    case nameTaken(ObjectName)
    /// An earlier one is deleted, and not gone yet.
    case leaving(ObjectName)
    /// The manifest is of a kind that Berth has no path for.
    case kindUnknown(key: String)
}

extension ObjectFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .cluster(let error): "\(error)"
        case .nameTaken(let name):
            "\(name) stands there and is not this user's by its labels, so that it is left as it is. Delete it, or give "
                + "the policy's object another `metadata.name`."
        case .leaving(let name):
            "\(name) of an earlier start is deleted and not gone yet: a finalizer holds it."
        case .kindUnknown(let key):
            "the object `\(key)` of the policy is of a kind that Berth cannot make"
        }
    }
}

extension Problem {
    init(_ fault: ObjectFault) {
        switch fault {
        case .cluster(let error): self.init(error)
        case .nameTaken: self = .operatorsFault(409, "object-name-taken", "\(fault)")
        case .kindUnknown: self = .operatorsFault(500, "object-kind-unknown", "\(fault)")
        case .leaving:
            self.init(
                status: 503, code: "object-leaving", detail: "\(fault)",
                userMessage: "What belonged to your server's last start is still being removed. Try again in a moment.",
                retryAfter: .seconds(10))
        }
    }

    /// 503 where asking again may help; everything else is for the operators, but for a full namespace.
    ///
    /// An API server that has just been started refuses for a moment what it allows: it has yet to read the roles, or an
    /// admission plugin is not ready. A role that lacks something looks the same.
    init(_ error: KubernetesError) {
        switch error {
        case .noAnswer, .unauthorized, .throttled, .serverFailed, .unreadable, .tokenUnreadable, .alreadyExists,
            .conflict, .expired:
            self.init(
                status: 503, code: error.code, detail: "\(error)",
                userMessage: "The cluster does not answer as it should, so nothing can be started. "
                    + "Try again in a minute; if it lasts, tell the hub's operators.",
                retryAfter: error.retryAfter ?? .seconds(30))
        case .forbidden(_, let words) where words.contains("exceeded quota"):
            self.init(
                status: 409, code: "object-quota-exceeded", detail: "\(error)",
                userMessage:
                    "There is no room left for what your server needs (such as a volume): a quota of the cluster "
                    + "is used up. Ask the hub's operators to raise it, or to remove what is not needed any more.")
        case .forbidden:
            self.init(
                status: 503, code: error.code, detail: "\(error)",
                userMessage: "The cluster does not let your server's things be prepared. Try again in a minute; if it "
                    + "lasts, tell the hub's operators: this is not your doing.",
                retryAfter: .seconds(30))
        case .notFound, .fieldConflict, .invalid, .unfit:
            self = .operatorsFault(500, error.code, "\(error)")
        }
    }

    private static func operatorsFault(_ status: Int, _ code: String, _ detail: String) -> Problem {
        Problem(
            status: status, code: code, detail: detail,
            userMessage: "What your server needs in the cluster could not be prepared. This is not your doing: please "
                + "tell the hub's operators.")
    }
}
