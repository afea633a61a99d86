// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// An overlay object that stands in the cluster, as a list shows it.
package struct ListedObject: Sendable, Hashable {
    package let name: String
    /// Kubernetes' own id of it: an object that was made anew under the same name has another.
    package let uid: String
    /// Changes whenever anything in it does, its annotations too.
    package let resourceVersion: String
    /// The label that says whose it is; nil where somebody took it off.
    package let user: String?
    /// When a spawn last asked for it, or it was made: a pod that mounts it may be on its way since then.
    package let neededAt: Instant

    package init(name: String, uid: String, resourceVersion: String, user: String?, neededAt: Instant) {
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.user = user
        self.neededAt = neededAt
    }
}
