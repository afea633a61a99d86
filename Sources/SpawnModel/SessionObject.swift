// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A Kubernetes object beside a server's pod.
package struct SessionObject: Sendable, Hashable {
    /// Its name in the policy.
    package let key: String
    package let lifetime: Lifetime
    /// Complete: kind, name, labels and content.
    package let manifest: JSON

    package init(key: String, lifetime: Lifetime, manifest: JSON) {
        self.key = key
        self.lifetime = lifetime
        self.manifest = manifest
    }

    package enum Lifetime: String, Sendable, CaseIterable {
        /// Deleted when the server has stopped.
        case session
        /// Stays for the user's further starts; goes with the user.
        case user
        /// Nobody here deletes it.
        case keep
    }
}
