// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// What the scheduler looks at in a node before it looks at what is free there.
package struct NodeFacts: Sendable, Hashable {
    package let name: String
    let labels: [String: String]
    /// Those that keep pods away.
    private let taints: [Taint]
    /// Types of conditions that are true.
    private let conditions: Set<String>

    /// Nil unless `node` is a Kubernetes Node.
    package init?(_ node: JSON) {
        guard let metadata = node["metadata"], let name = metadata["name"]?.string else { return nil }
        self.name = name
        labels = (metadata["labels"]?.object ?? JSONObject()).reduce(into: [:]) { labels, member in
            labels[member.key] = member.value.string
        }
        taints = (node["spec"]?["taints"]?.array ?? []).compactMap { Taint($0) }
        conditions = Set(
            (node["status"]?["conditions"]?.array ?? []).filter { $0["status"] == "True" }
                .compactMap { $0["type"]?.string })
    }

    func has(condition: String) -> Bool { conditions.contains(condition) }

    /// Whether a pod with this `spec` may run here at all.
    ///
    /// Cordons and conditions are not looked at: they pass, and a pod can wait.
    func mayTake(_ spec: JSON) -> Bool {
        if let pin = spec["nodeName"]?.string, !pin.isEmpty { return pin == name }
        let isSelected = (spec["nodeSelector"]?.object ?? JSONObject()).allSatisfy { labels[$0.key] == $0.value.string }
        let tolerations = spec["tolerations"]?.array ?? []
        return isSelected && meetsRequiredAffinity(of: spec)
            && taints.allSatisfy { taint in tolerations.contains(where: taint.isTolerated) }
    }

    private func meetsRequiredAffinity(of spec: JSON) -> Bool {
        let required = spec["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        guard let terms = required?["nodeSelectorTerms"]?.array else { return true }
        return terms.contains(where: meets)
    }

    /// A term without any requirement matches no node.
    private func meets(_ term: JSON) -> Bool {
        let expressions = term["matchExpressions"]?.array ?? []
        let fields = term["matchFields"]?.array ?? []
        guard !expressions.isEmpty || !fields.isEmpty else { return false }
        return expressions.allSatisfy { $0.isMet(by: labels[$0["key"]?.string ?? ""]) }
            && fields.allSatisfy { $0["key"] == "metadata.name" && $0.isMet(by: name) }
    }
}

/// One of the kinds that forbid; `PreferNoSchedule` only advises.
private struct Taint: Sendable, Hashable {
    let key: String
    let value: String
    let effect: String

    init?(_ json: JSON) {
        guard let key = json["key"]?.string, let effect = json["effect"]?.string, effect != "PreferNoSchedule",
            // The cluster's own for what passes: not ready, under pressure, cordoned.
            !key.hasPrefix("node.kubernetes.io/")
        else { return nil }
        self.key = key
        self.value = json["value"]?.string ?? ""
        self.effect = effect
    }

    func isTolerated(by toleration: JSON) -> Bool {
        func text(_ key: String) -> String { toleration[key]?.string ?? "" }
        guard text("effect").isEmpty || text("effect") == effect else { return false }
        if text("operator") == "Exists" { return text("key").isEmpty || text("key") == key }
        return text("key") == key && text("value") == value
    }
}

extension JSON {
    /// A node selector requirement, for what a node has under its key.
    fileprivate func isMet(by present: String?) -> Bool {
        let values = self["values"]?.array?.compactMap(\.string) ?? []
        func compare(_ isRight: (Int, Int) -> Bool) -> Bool {
            guard let present = present.flatMap({ Int($0) }), let bound = values.first.flatMap({ Int($0) }) else {
                return false
            }
            return isRight(present, bound)
        }
        switch self["operator"]?.string {
        case "In": return present.map(values.contains) ?? false
        case "NotIn": return !(present.map(values.contains) ?? false)
        case "Exists": return present != nil
        case "DoesNotExist": return present == nil
        case "Gt": return compare(>)
        case "Lt": return compare(<)
        default: return false
        }
    }
}
