// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// A node where nothing new is granted, and why. What runs there goes on and counts.
package struct WithheldNode: Sendable, Hashable {
    package enum Reason: String, Sendable, CaseIterable {
        case notReady = "not-ready"
        /// Cordoned, or being drained.
        case cordoned
        /// The cluster has no such node.
        case absent
        /// There is no machine behind it.
        case virtual
        /// Its MIG layout is being changed, or could not be.
        case reconfiguring
        /// Its kubelet has just refused a pod.
        case suspect
    }

    package let node: String
    package let reason: Reason
    /// Nil for as long as it is so.
    package let until: Instant?

    package init(node: String, reason: Reason, until: Instant? = nil) {
        self.node = node
        self.reason = reason
        self.until = until
    }
}

extension WithheldNode {
    /// Why a node takes nothing new, by its own object; nil where it does.
    package static func reason(of node: SeenNode) -> Reason? {
        if node.isVirtual { return .virtual }
        if !node.isReady { return .notReady }
        if node.isCordoned { return .cordoned }
        // The MIG manager's: `pending`, `rebooting` and `failed` are no layout to count on.
        if let state = node.labels["nvidia.com/mig.config.state"], state != "success" { return .reconfiguring }
        return nil
    }

    /// In the order of the names. `known` are the inventory's nodes: one that a complete snapshot lacks is absent.
    package static func all(in snapshot: ClusterSnapshot, known: Set<String>) -> [WithheldNode] {
        let seen = snapshot.nodes.compactMap { node in
            reason(of: node).map { WithheldNode(node: node.name, reason: $0) }
        }
        let missing = snapshot.isComplete ? known.subtracting(snapshot.nodes.map(\.name)) : []
        return (seen + missing.map { WithheldNode(node: $0, reason: .absent) }).sorted { $0.node < $1.node }
    }
}
