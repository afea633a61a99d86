// SPDX-License-Identifier: Apache-2.0

/// What was asked of the API server, in the words of its roles: a verb on a resource, in a namespace.
package struct ResourceCall: Hashable, Sendable {
    package enum Verb: String, Sendable {
        case get, list, watch, create, patch, delete
    }

    package let verb: Verb
    package let kind: ObjectKind
    /// Nil for kinds that are in none, and for all of them together.
    package let namespace: String?
    /// Nil for all of a kind, and where the server makes up the name.
    package let name: String?

    init(_ verb: Verb, _ kind: ObjectKind, in namespace: String?, _ name: String? = nil) {
        self.verb = verb
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    init(_ verb: Verb, _ object: ObjectName) {
        self.init(verb, object.kind, in: object.namespace, object.name)
    }
}

extension ResourceCall: CustomStringConvertible {
    /// `create secrets "x" in namespace "hub"`.
    package var description: String { "\(verb.rawValue) \(object)" }

    var object: String {
        let namespace = namespace.map { " in namespace \"\($0.shortened)\"" } ?? ""
        return kind.plural + (name.map { " \"\($0.shortened)\"" } ?? "") + namespace
    }

    /// What a role has to hold for it: `verbs: [create], resources: [secrets]`.
    var rule: String {
        let group = kind.group.isEmpty ? "\"\"" : kind.group
        return "{apiGroups: [\(group)], resources: [\(kind.plural)], verbs: [\(verb.rawValue)]}"
    }
}

// MARK: - Its path

extension ResourceCall {
    /// `/api/v1/namespaces/hub/pods/jupyter-ada`: each name is one segment of it, or the call is refused.
    var path: String {
        get throws(KubernetesError) {
            var path = kind.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.group)/\(kind.version)"
            guard kind.isNamespaced || namespace == nil else {
                throw .unfit(self, reason: "\(kind.plural) are in no namespace")
            }
            if let namespace { path += "/namespaces/\(try segment(namespace))" }
            // Only reading goes over all namespaces; a path with a name and without one would be another object's.
            guard !kind.isNamespaced || namespace != nil || verb == .list || verb == .watch else {
                throw .unfit(self, reason: "no namespace is named")
            }
            // The collection is where an object is made.
            if let name, verb != .create { return path + "/\(kind.plural)/\(try segment(name))" }
            if let name { _ = try segment(name) }
            return path + "/\(kind.plural)"
        }
    }

    /// Names hold fewer signs than that, but for roles' colons: none of these leads anywhere else or needs an escape.
    private func segment(_ name: String) throws(KubernetesError) -> String {
        let isFit =
            (1...253).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy(\.mayBeInName)
        guard isFit else { throw .unfit(self, reason: "\"\(name.shortened)\" is no name of an object") }
        return name
    }
}

extension UInt8 {
    fileprivate var mayBeInName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
