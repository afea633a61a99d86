// SPDX-License-Identifier: Apache-2.0

/// What is known of the cluster that pods go to; nil is not known.
package struct ClusterFacts: Sendable, Hashable {
    package var version: Version?
    /// All nodes there are.
    package var nodes: [NodeFacts]?

    package static let unknown = ClusterFacts()

    package init(version: Version? = nil, nodes: [NodeFacts]? = nil) {
        self.version = version
        self.nodes = nodes
    }

    /// Kubernetes' own, as `GET /version` gives it.
    package struct Version: Sendable, Hashable {
        package let major: Int
        package let minor: Int

        /// - Parameter minor: may have letters behind its digits, as in `29+`.
        package init?(major: String, minor: String) {
            guard let major = Int(major), let minor = Int(minor.prefix { $0.isASCII && $0.isNumber }) else {
                return nil
            }
            self.major = major
            self.minor = minor
        }
    }

    /// Init containers with `restartPolicy: Always`: on by default since Kubernetes 1.29; an older API server drops
    /// the field, and the pod then waits for its first sidecar for ever.
    var hasNativeSidecars: Bool? { version.map { ($0.major, $0.minor) >= (1, 29) } }
}
