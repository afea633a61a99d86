// SPDX-License-Identifier: Apache-2.0

/// What a profile says of its pods in place of what the site says of all; nil leaves it to the site.
package struct PodSwitches: Sendable, Hashable {
    package var security: PodSecurity?
    /// Whether LXCFS's files are mounted, where the site has any.
    package var lxcfs: Bool?

    package init(security: PodSecurity? = nil, lxcfs: Bool? = nil) {
        self.security = security
        self.lxcfs = lxcfs
    }
}

/// How far Berth goes in what a pod's containers may do.
package enum PodSecurity: String, Sendable, Hashable, CaseIterable {
    case asTheHubSays = "as-the-hub-says"
    /// The "restricted" Pod Security Standard, on every container.
    case restricted
}
