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
    package let madeAt: Instant
    /// When a spawn last asked for it: a pod that mounts it may be on its way since then. Nil where none has.
    package let neededAt: Instant?

    package init(
        name: String, uid: String, resourceVersion: String, user: String?, madeAt: Instant, neededAt: Instant? = nil
    ) {
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.user = user
        self.madeAt = madeAt
        self.neededAt = neededAt
    }
}
