// SPDX-License-Identifier: Apache-2.0

/// What is known of the cluster that pods go to; nil is not known.
package struct ClusterFacts: Sendable, Hashable {
    package var version: Version?
    /// All nodes there are.
    package var nodes: [NodeFacts]?
    /// By the namespace's name; one that is not here is not known.
    package var namespaces: [String: NamespaceLimits]

    package static let unknown = ClusterFacts()

    package init(version: Version? = nil, nodes: [NodeFacts]? = nil, namespaces: [String: NamespaceLimits] = [:]) {
        self.version = version
        self.nodes = nodes
        self.namespaces = namespaces
    }

    /// Kubernetes' own.
    package struct Version: Sendable, Hashable {
        package let major: Int
        package let minor: Int

        package init(major: Int, minor: Int) {
            self.major = major
            self.minor = minor
        }
    }

    /// Init containers with `restartPolicy: Always`: on by default since Kubernetes 1.29; an older API server drops
    /// the field, and the pod then waits for its first sidecar for ever.
    var hasNativeSidecars: Bool? { version.map { ($0.major, $0.minor) >= (1, 29) } }
}
