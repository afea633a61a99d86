// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// One `limits` entry of a LimitRange, for containers or for whole pods.
///
/// As `LimitRanger` of kube-apiserver reads it (plugin/pkg/admission/limitranger).
struct LimitRange: Sendable, Hashable {
    private let name: String
    private let isForPods: Bool
    private let least: ResourceAmounts
    private let most: ResourceAmounts
    private let standardLimits: ResourceAmounts
    private let standardRequests: ResourceAmounts
    private let ratios: ResourceAmounts

    static func all(in object: JSON) -> [LimitRange] {
        let name = object["metadata"]?["name"]?.string ?? ""
        return (object["spec"]?["limits"]?.array ?? []).compactMap { LimitRange($0, of: name) }
    }

    private init?(_ json: JSON, of name: String) {
        guard let type = json["type"]?.string, type == "Container" || type == "Pod" else { return nil }
        func read(_ key: String) -> ResourceAmounts { (try? amounts(json[key], at: key)) ?? [:] }
        self.name = name
        isForPods = type == "Pod"
        (least, most, ratios) = (read("min"), read("max"), read("maxLimitRequestRatio"))
        (standardLimits, standardRequests) = (read("default"), read("defaultRequest"))
    }

    /// What a container does not state, the API server fills in before it looks.
    func fillIn(_ pod: inout PodResources) {
        guard !isForPods else { return }
        for index in pod.starting.indices { fillIn(&pod.starting[index]) }
        for index in pod.running.indices { fillIn(&pod.running[index]) }
    }

    private func fillIn(_ container: inout ContainerResources) {
        container.limits.merge(standardLimits) { stated, _ in stated }
        container.requests.merge(standardRequests) { stated, _ in stated }
    }

    func objections(to pod: PodResources) -> [NamespaceLimits.Objection] {
        guard isForPods else {
            return pod.containers.flatMap { objections("container \($0.name)", $0.requests, $0.limits) }
        }
        return objections("the pod", pod.requests, pod.limits)
    }

    private func objections(
        _ owner: String, _ requests: ResourceAmounts, _ limits: ResourceAmounts
    ) -> [NamespaceLimits.Objection] {
        var faults: [String] = []
        for (resource, least) in least.inOrder {
            if requests[resource].map({ $0 < least }) ?? true { faults.append("\(resource) request below the least") }
            if let limit = limits[resource], limit < least { faults.append("\(resource) limit below the least") }
        }
        for (resource, most) in most.inOrder {
            if limits[resource].map({ $0 > most }) ?? true {
                faults.append("\(resource) limit above the most, or none")
            }
            if let request = requests[resource], request > most { faults.append("\(resource) request above the most") }
        }
        for (resource, ratio) in ratios.inOrder where isBeyond(ratio, requests[resource], limits[resource]) {
            faults.append("\(resource) limit too many times its request")
        }
        return faults.map { fault in
            NamespaceLimits.Objection(kind: .limitRange, description: "LimitRange \(name): \(owner) has a \(fault)")
        }
    }

    private func isBeyond(_ ratio: Quantity, _ request: Quantity?, _ limit: Quantity?) -> Bool {
        guard let request, let limit, request > .zero, limit > .zero else { return true }
        return request.multiplied(by: ratio).map { limit > $0 } ?? false
    }
}

extension ResourceAmounts {
    /// So that the same pod is refused in the same words.
    var inOrder: [(key: String, value: Quantity)] { sorted { $0.key < $1.key } }
}
