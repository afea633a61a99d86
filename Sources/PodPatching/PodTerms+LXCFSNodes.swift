// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PodTerms.LXCFS {
    /// Which nodes have LXCFS, and what becomes of a pod that none of them can take.
    package struct Nodes: Sendable, Hashable {
        /// What nodes with LXCFS carry; pods are kept to such nodes.
        package var label: Label?
        /// The type of a node's condition that is true while its LXCFS works, as node-problem-detector sets one. A pod
        /// cannot be kept to such nodes; without a label, all that might take it must have it.
        package var condition: String?
        package var otherwise = Otherwise.leaveOut

        package init(label: Label? = nil, condition: String? = nil, otherwise: Otherwise = .leaveOut) {
            self.label = label
            self.condition = condition
            self.otherwise = otherwise
        }

        /// Whether a pod may fare better when the nodes are known.
        package var asksForNodes: Bool { label != nil || condition != nil }

        package enum Otherwise: String, Sendable, Hashable, CaseIterable {
            /// The pod starts without the files, and says so in an annotation.
            case leaveOut = "leave-out"
            case refuse
        }

        package struct Label: Sendable, Hashable {
            package let key: String
            /// Nil accepts any value.
            package let value: String?
            /// A Kubernetes node selector requirement.
            let requirement: JSON

            package init(key: String, value: String? = nil) {
                self.key = key
                self.value = value
                self.requirement = Label.requirement(key, value).packed
            }

            private static func requirement(_ key: String, _ value: String?) -> JSON {
                guard let value else { return ["key": JSON(key), "operator": "Exists"] }
                return ["key": JSON(key), "operator": "In", "values": [JSON(value)]]
            }

            fileprivate func isOn(_ node: NodeFacts) -> Bool {
                guard let present = node.labels[key] else { return false }
                return value.map { $0 == present } ?? true
            }
        }
    }
}

extension PodTerms.LXCFS.Nodes {
    /// Why a pod with this `spec` cannot have LXCFS; nil where it can, or where nothing says that it can't.
    ///
    /// - Parameter nodes: all nodes; nil where they are not known.
    func obstacle(for spec: @autoclosure () -> JSON, among nodes: [NodeFacts]?) -> String? {
        guard asksForNodes else { return nil }
        let spec = spec()
        guard let nodes else { return obstacleUnseen(for: spec) }
        let candidates = nodes.filter { $0.mayTake(spec) }
        // None yet: one that is still to come is taken for one that has it.
        guard !candidates.isEmpty else { return nil }
        let able = candidates.filter(isReady)
        let isEnough = label == nil ? able.count == candidates.count : !able.isEmpty
        if isEnough { return nil }
        let names = candidates.filter { !isReady($0) }.map(\.name).sorted().prefix(3).joined(separator: ", ")
        return "\(candidates.count) nodes may take the pod, and these lack \(wanted): \(names)"
    }

    private func isReady(_ node: NodeFacts) -> Bool {
        (label?.isOn(node) ?? true) && (condition.map(node.has) ?? true)
    }

    private var wanted: String {
        let label = label.map { "label \($0.key)" + ($0.value.map { "=\($0)" } ?? "") }
        return [label, condition.map { "condition \($0)" }].compactMap(\.self).joined(separator: " and ")
    }

    /// Whoever pins a pod to a node knows more than we do, unless we are told of the nodes.
    private func obstacleUnseen(for spec: JSON) -> String? {
        if label == nil { return "Berth is not told of the nodes' conditions" }
        guard let pin = spec["nodeName"]?.string ?? spec["nodeSelector"]?["kubernetes.io/hostname"]?.string else {
            return nil
        }
        return "the pod is pinned to node \(pin), of which Berth is not told whether it has \(wanted)"
    }
}
