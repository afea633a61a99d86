// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

/// A namespace's LimitRanges and ResourceQuotas, as far as they can refuse a pod.
package struct NamespaceLimits: Sendable, Hashable {
    private let ranges: [LimitRange]
    private let quotas: [ResourceQuota]

    /// - Parameters: Kubernetes objects; one that is none of these is passed over.
    package init(limitRanges: [JSON], quotas: [JSON]) {
        ranges = limitRanges.flatMap(LimitRange.all)
        self.quotas = quotas.compactMap(ResourceQuota.init)
    }

    /// Why the API server would refuse `pod` here; empty where it would not.
    ///
    /// Only as true as the quotas' `used` is new: another pod may take what is left in the meantime.
    package func objections(to pod: JSON) throws(PodPatchError) -> [Objection] {
        var resources = try PodResources(of: pod)
        for range in ranges { range.fillIn(&resources) }
        let ofRanges = ranges.flatMap { $0.objections(to: resources) }
        return ofRanges + quotas.filter { $0.counts(pod, resources) }.flatMap { $0.objections(to: resources) }
    }

    package struct Objection: Sendable, Hashable, CustomStringConvertible {
        package let kind: Kind
        /// A sentence without a full stop: the object, what is too much and by how much.
        package let description: String

        package enum Kind: Sendable, Hashable {
            /// No pod like this one is ever taken.
            case limitRange
            /// It is taken once others have gone.
            case quota
            /// The quota counts an amount that a container does not state.
            case quotaUnstated
        }
    }
}
