// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// A namespace's ResourceQuota, with what is used of it.
struct ResourceQuota: Sendable, Hashable {
    private let name: String
    private let hard: ResourceAmounts
    private let used: ResourceAmounts
    private let scopes: [Scope]

    /// Nil where `object` has no amounts, or asks for a scope that this does not know: what cannot be judged is left to
    /// the API server.
    init?(_ object: JSON) {
        let (status, spec) = (object["status"], object["spec"])
        guard let hard = try? amounts(status?["hard"] ?? spec?["hard"], at: ""), !hard.isEmpty,
            let used = try? amounts(status?["used"], at: ""), let scopes = Scope.all(of: spec ?? .null)
        else { return nil }
        self.name = object["metadata"]?["name"]?.string ?? ""
        (self.hard, self.used, self.scopes) = (hard, used, scopes)
    }

    func counts(_ pod: JSON, _ resources: PodResources) -> Bool {
        scopes.allSatisfy { $0.holds(for: pod, resources) }
    }

    func objections(to pod: PodResources) -> [NamespaceLimits.Objection] {
        hard.inOrder.compactMap { key, hard in
            guard let asked = asked(under: key, by: pod) else { return nil }
            if let container = asked.unstatedBy {
                let words = "ResourceQuota \(name): container \(container) must state \(key)"
                return NamespaceLimits.Objection(kind: .quotaUnstated, description: words)
            }
            let used = used[key] ?? .zero
            guard asked.amount > .zero, used + asked.amount > hard else { return nil }
            let words =
                "ResourceQuota \(name): \(key) \(asked.amount.decimalText) is asked for, and of \(hard.decimalText) "
                + "\(used.decimalText) are in use"
            return NamespaceLimits.Objection(kind: .quota, description: words)
        }
    }

    /// Nil for what a pod does not use up.
    private func asked(under key: String, by pod: PodResources) -> (amount: Quantity, unstatedBy: String?)? {
        if key == "pods" || key == "count/pods" { return (Quantity(1), nil) }
        let isLimit = key.hasPrefix("limits.")
        let resource = isLimit ? String(key.dropFirst("limits.".count)) : Self.requested(by: key)
        guard let resource else { return nil }
        let total = (isLimit ? pod.limits : pod.requests)[resource]
        guard resource == "cpu" || resource == "memory" else { return (total ?? .zero, nil) }
        let unstated = pod.containers.first { (isLimit ? $0.limits : $0.requests)[resource] == nil }
        return (total ?? .zero, unstated?.name)
    }

    /// `cpu` and `memory` alone mean requests.
    private static func requested(by key: String) -> String? {
        if key.hasPrefix("requests.") { return String(key.dropFirst("requests.".count)) }
        return ["cpu", "memory", "ephemeral-storage"].contains(key) ? key : nil
    }
}

/// Which pods a quota counts.
private enum Scope: Sendable, Hashable {
    case terminating(Bool)
    case bestEffort(Bool)
    case priorityClass(isIn: Bool, [String])

    /// Nil where one is not known here.
    static func all(of spec: JSON) -> [Scope]? {
        var scopes: [Scope] = []
        for name in spec["scopes"]?.array ?? [] {
            guard let scope = Scope(name.string ?? "", isThere: true) else { return nil }
            scopes.append(scope)
        }
        for expression in spec["scopeSelector"]?["matchExpressions"]?.array ?? [] {
            guard let scope = Scope(expression) else { return nil }
            scopes.append(scope)
        }
        return scopes
    }

    private init?(_ name: String, isThere: Bool) {
        switch name {
        case "Terminating": self = .terminating(isThere)
        case "NotTerminating": self = .terminating(!isThere)
        case "BestEffort": self = .bestEffort(isThere)
        case "NotBestEffort": self = .bestEffort(!isThere)
        default: return nil
        }
    }

    private init?(_ expression: JSON) {
        let name = expression["scopeName"]?.string ?? ""
        let values = expression["values"]?.array?.compactMap(\.string) ?? []
        switch (name, expression["operator"]?.string) {
        case ("PriorityClass", "In"): self = .priorityClass(isIn: true, values)
        case ("PriorityClass", "NotIn"): self = .priorityClass(isIn: false, values)
        case (_, "Exists"): self.init(name, isThere: true)
        case (_, "DoesNotExist"): self.init(name, isThere: false)
        default: return nil
        }
    }

    func holds(for pod: JSON, _ resources: PodResources) -> Bool {
        switch self {
        case .terminating(let wanted): (pod["spec"]?["activeDeadlineSeconds"]?.int != nil) == wanted
        case .bestEffort(let wanted): resources.containers.allSatisfy(\.isEmpty) == wanted
        case .priorityClass(let isIn, let names):
            names.contains(pod["spec"]?["priorityClassName"]?.string ?? "") == isIn
        }
    }
}

extension ContainerResources {
    /// Nothing of what makes a pod more than best effort.
    fileprivate var isEmpty: Bool {
        ["cpu", "memory"].allSatisfy { (requests[$0] ?? .zero) == .zero && (limits[$0] ?? .zero) == .zero }
    }
}
