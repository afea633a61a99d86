// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
internal import JSONTree

/// The version of an API server, of which minor ones bring what pods may say.
package struct ClusterVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    package static func < (a: ClusterVersion, b: ClusterVersion) -> Bool {
        (a.major, a.minor) < (b.major, b.minor)
    }

    package var description: String { "\(major).\(minor)" }
}

extension Cluster {
    /// What the server is; whoever it knows may ask, without any role.
    package func version(timeout: Duration? = nil) async throws(KubernetesError) -> ClusterVersion {
        let call = ResourceCall(.get, ObjectKind(plural: "version", kind: "Info", isNamespaced: false), in: nil)
        var question = Question(call, .get, most: 64 << 10)
        question.path = "/version"
        let answer = try await answer(to: question, timeout: timeout)
        // Some write `29+`.
        func number(_ key: String) -> Int? {
            answer[key]?.string.flatMap { Int($0.prefix { ("0"..."9").contains($0) }) }
        }
        guard let major = number("major"), let minor = number("minor") else {
            throw .unreadable(call, "no version of a Kubernetes API server")
        }
        return ClusterVersion(major: major, minor: minor)
    }
}
