// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// One container's wish for a GPU resource that only a reservation gives.
package struct GPUAsk: Sendable, Hashable {
    package let container: String
    package let resource: String
    /// Nil for what is no quantity; the API server refuses such a pod.
    package let quantity: Quantity?
}

extension PodTerms {
    /// What `pod` asks for, in requests or limits of any container of any kind; empty where that is nothing, and where
    /// it is no pod. Zero asks for nothing.
    package func gpuAsks(of pod: JSON) -> Set<GPUAsk> {
        let managed = managedResources
        var asks: Set<GPUAsk> = []
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
}
