// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What a whole pod takes of a namespace's quota, counted as the API server counts it.
///
/// Ordinary containers run together; an init container runs alone beside the native sidecars before it, so that only
/// the greatest moment counts. Resources that a pod states as a whole (`spec.resources`) are not looked at.
package struct PodTotals: Hashable, Sendable {
    package let requests: Amounts
    package let limits: Amounts
    /// Containers that a namespace with a quota on limits would refuse the pod for, in the pod's order.
    package let withoutLimits: [String]

    package struct Amounts: Hashable, Sendable {
        package var cpu = Quantity.zero
        package var memory = Quantity.zero
        package init() {}

        package init(cpu: Quantity, memory: Quantity) {
            self.cpu = cpu
            self.memory = memory
        }
    }

    package init(of pod: JSON) throws(PodPatchError) {
        guard let spec = pod["spec"], spec.kind == .object else {
            throw .malformed(pointer: "/spec", expected: "an object")
        }
        let starting = try PodTotals.containers(of: spec, in: "initContainers")
        let running = try PodTotals.containers(of: spec, in: "containers")
        let overhead = try Amounts(spec["overhead"], at: "/spec/overhead")
        self.requests = PodTotals.greatest(starting, running, \.requests) + overhead
        self.limits = PodTotals.greatest(starting, running, \.limits) + overhead
        self.withoutLimits = (starting + running).filter { !$0.hasLimits }.map(\.name)
    }

    private static func containers(
        of spec: JSON,
        in list: String
    ) throws(PodPatchError) -> [ContainerAmounts] {
        var containers: [ContainerAmounts] = []
        for (index, json) in try entries(of: spec[list], at: "/spec/" + list).enumerated() {
            containers.append(try ContainerAmounts(json, at: "/spec/\(list)/\(index)"))
        }
        return containers
    }

    private static func greatest(
        _ starting: [ContainerAmounts],
        _ running: [ContainerAmounts],
        _ amounts: KeyPath<ContainerAmounts, Amounts>
    ) -> Amounts {
        var sidecars = Amounts()
        var peak = Amounts()
        for container in starting {
            let moment = sidecars + container[keyPath: amounts]
            peak = peak.joined(moment)
            if container.isSidecar { sidecars = moment }
        }
        return peak.joined(running.reduce(sidecars) { sum, container in sum + container[keyPath: amounts] })
    }
}

extension PodTotals.Amounts {
    fileprivate init(_ json: JSON?, at pointer: String) throws(PodPatchError) {
        let amounts = try ObjectDraft(json, at: pointer)
        self.cpu = try PodTotals.Amounts.quantity(amounts, "cpu", at: pointer) ?? .zero
        self.memory = try PodTotals.Amounts.quantity(amounts, "memory", at: pointer) ?? .zero
    }

    fileprivate static func quantity(
        _ amounts: ObjectDraft,
        _ resource: String,
        at pointer: String
    ) throws(PodPatchError) -> Quantity? {
        guard let json = amounts.present(resource) else { return nil }
        guard let quantity = Quantity(json) else {
            throw .malformed(pointer: "\(pointer)/\(resource)", expected: "a quantity")
        }
        return quantity
    }

    fileprivate static func + (a: PodTotals.Amounts, b: PodTotals.Amounts) -> PodTotals.Amounts {
        PodTotals.Amounts(cpu: a.cpu + b.cpu, memory: a.memory + b.memory)
    }

    fileprivate func joined(_ other: PodTotals.Amounts) -> PodTotals.Amounts {
        PodTotals.Amounts(cpu: max(cpu, other.cpu), memory: max(memory, other.memory))
    }
}

/// One container's share of the totals.
private struct ContainerAmounts {
    let name: String
    let isSidecar: Bool
    let hasLimits: Bool
    let limits: PodTotals.Amounts
    /// Where a request is missing, the limit counts.
    let requests: PodTotals.Amounts

    init(_ json: JSON, at pointer: String) throws(PodPatchError) {
        let resources = try ObjectDraft(json["resources"], at: pointer + "/resources")
        let limits = try ObjectDraft(resources["limits"], at: pointer + "/resources/limits")
        let requests = try ObjectDraft(resources["requests"], at: pointer + "/resources/requests")
        self.name = json["name"]?.string ?? ""
        self.isSidecar = json["restartPolicy"]?.string == "Always"
        self.hasLimits = limits.present("cpu") != nil && limits.present("memory") != nil
        self.limits = try PodTotals.Amounts(limits.json, at: pointer + "/resources/limits")
        var wanted = try PodTotals.Amounts(requests.json, at: pointer + "/resources/requests")
        if requests.present("cpu") == nil { wanted.cpu = self.limits.cpu }
        if requests.present("memory") == nil { wanted.memory = self.limits.memory }
        self.requests = wanted
    }
}
