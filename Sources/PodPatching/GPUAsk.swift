// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// A wish for a GPU that only a reservation gives: a container's for a resource, or the pod's by an annotation or claim.
package struct GPUAsk: Sendable, Hashable {
    /// Nil for what the pod as a whole asks for.
    package let container: String?
    /// The resource, the annotation's key, or the claim's template.
    package let resource: String
    /// Nil for what is no quantity; the API server refuses such a pod.
    package let quantity: Quantity?
}

extension GPUAsk {
    /// One a template, by how many claims are made from it.
    fileprivate static func counting(_ templates: [String]) -> [GPUAsk] {
        Dictionary(grouping: templates, by: \.self).map { template, claims in
            GPUAsk(container: nil, resource: template, quantity: Quantity(claims.count))
        }
    }
}

extension PodTerms {
    /// What `pod` asks for, in requests or limits of any container of any kind, by annotation or by claim; empty where
    /// that is nothing, and where it is no pod. Zero asks for nothing.
    package func gpuAsks(of pod: JSON) -> Set<GPUAsk> {
        let managed = managedResources
        var asks = asksOfWhole(pod)
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for container in pod["spec"]?[list]?.array ?? [] {
                for kind in ["limits", "requests"] {
                    for (resource, amount) in container["resources"]?[kind]?.object ?? JSONObject()
                    where managed.contains(resource) && Quantity(amount) != .zero {
                        let name = container["name"]?.string ?? "without a name"
                        asks.insert(GPUAsk(container: name, resource: resource, quantity: Quantity(amount)))
                    }
                }
            }
        }
        return asks
    }

    private func asksOfWhole(_ pod: JSON) -> Set<GPUAsk> {
        var asks: Set<GPUAsk> = []
        for key in traces.askingAnnotations {
            guard let value = pod["metadata"]?["annotations"]?[key], !value.isNull else { continue }
            asks.insert(GPUAsk(container: nil, resource: key, quantity: Quantity(value)))
        }
        let claimed = (pod["spec"]?["resourceClaims"]?.array ?? []).compactMap(\.claimTemplate)
        asks.formUnion(GPUAsk.counting(claimed.filter(traces.claimTemplates.contains)))
        return asks
    }

    /// What the pod of `context` asks for once it is patched.
    package func gpuAsks(for context: PodContext) throws(PodPatchError) -> Set<GPUAsk> {
        guard let gpu = context.gpu else { return [] }
        let reserved = try ReservedGPU(gpu, in: context, container: container)
        let asked = reserved.annotations.filter { gpu.pool.backend.askingAnnotations.contains($0.key) }
        return Set(
            reserved.resources.map {
                GPUAsk(container: container, resource: $0.key, quantity: Quantity(JSON($0.value)))
            }
                + asked.map { GPUAsk(container: nil, resource: $0.key, quantity: Quantity(JSON($0.value))) }
        ).union(GPUAsk.counting(reserved.claims.map(\.templateName)))
    }
}

extension Set<GPUAsk> {
    /// Whether these are the same wishes, all of one container, whichever that is.
    package func areAll(of held: Set<GPUAsk>) -> Bool {
        let containers = Set<String>(compactMap(\.container))
        return count == held.count && containers.count <= 1 && withoutContainers == held.withoutContainers
    }

    private var withoutContainers: Set<GPUAsk> {
        Set(map { GPUAsk(container: nil, resource: $0.resource, quantity: $0.quantity) })
    }
}

extension JSON {
    var claimTemplate: String? { self["resourceClaimTemplateName"]?.string }
}
