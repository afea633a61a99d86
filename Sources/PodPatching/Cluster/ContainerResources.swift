// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// Quantities by the resource's name: `cpu`, `memory`, `nvidia.com/gpu`.
typealias ResourceAmounts = [String: Quantity]

/// What one container asks for, as the API server reads it: a request that is missing is as large as the limit.
struct ContainerResources {
    let name: String
    let isSidecar: Bool
    var requests: ResourceAmounts
    var limits: ResourceAmounts

    init(_ json: JSON, at pointer: String) throws(PodPatchError) {
        let resources = try ObjectDraft(json["resources"], at: pointer + "/resources")
        name = json["name"]?.string ?? ""
        isSidecar = json["restartPolicy"]?.string == "Always"
        let limits = try amounts(resources["limits"], at: pointer + "/resources/limits")
        self.limits = limits
        requests = try amounts(resources["requests"], at: pointer + "/resources/requests")
            .merging(limits) { request, _ in request }
    }

    /// All of a list, in its order.
    static func all(of spec: JSON, in list: String) throws(PodPatchError) -> [ContainerResources] {
        var containers: [ContainerResources] = []
        for (index, json) in try entries(of: spec[list], at: "/spec/" + list).enumerated() {
            containers.append(try ContainerResources(json, at: "/spec/\(list)/\(index)"))
        }
        return containers
    }
}

func amounts(_ json: JSON?, at pointer: String) throws(PodPatchError) -> ResourceAmounts {
    var amounts: ResourceAmounts = [:]
    for (resource, value) in try ObjectDraft(json, at: pointer).json.object ?? JSONObject() where !value.isNull {
        guard let quantity = Quantity(value) else {
            throw .malformed(pointer: "\(pointer)/\(resource)", expected: "a quantity")
        }
        amounts[resource] = quantity
    }
    return amounts
}

/// A pod's containers, with what they take together.
///
/// Ordinary containers run together; an init container runs alone beside the native sidecars before it, so that only
/// the greatest moment counts. Resources that a pod states as a whole (`spec.resources`) are not looked at.
struct PodResources {
    var starting: [ContainerResources]
    var running: [ContainerResources]
    let overhead: ResourceAmounts

    init(of pod: JSON) throws(PodPatchError) {
        guard let spec = pod["spec"], spec.kind == .object else {
            throw .malformed(pointer: "/spec", expected: "an object")
        }
        starting = try ContainerResources.all(of: spec, in: "initContainers")
        running = try ContainerResources.all(of: spec, in: "containers")
        overhead = try amounts(spec["overhead"], at: "/spec/overhead")
    }

    var containers: [ContainerResources] { starting + running }
    var requests: ResourceAmounts { greatest(\.requests).adding(overhead) }
    var limits: ResourceAmounts { greatest(\.limits).adding(overhead) }

    private func greatest(_ amounts: KeyPath<ContainerResources, ResourceAmounts>) -> ResourceAmounts {
        var sidecars: ResourceAmounts = [:]
        var peak: ResourceAmounts = [:]
        for container in starting {
            let moment = sidecars.adding(container[keyPath: amounts])
            peak.merge(moment, uniquingKeysWith: max)
            if container.isSidecar { sidecars = moment }
        }
        return peak.merging(running.reduce(sidecars) { $0.adding($1[keyPath: amounts]) }, uniquingKeysWith: max)
    }
}

extension ResourceAmounts {
    func adding(_ other: ResourceAmounts) -> ResourceAmounts { merging(other, uniquingKeysWith: +) }
}
