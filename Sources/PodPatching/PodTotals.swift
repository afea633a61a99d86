// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What a whole pod takes of a namespace's quota, counted as the API server counts it.
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

        fileprivate init(_ amounts: ResourceAmounts) {
            self.init(cpu: amounts["cpu"] ?? .zero, memory: amounts["memory"] ?? .zero)
        }
    }

    package init(of pod: JSON) throws(PodPatchError) {
        let resources = try PodResources(of: pod)
        self.requests = Amounts(resources.requests)
        self.limits = Amounts(resources.limits)
        self.withoutLimits = resources.containers.filter { container in
            container.limits["cpu"] == nil || container.limits["memory"] == nil
        }.map(\.name)
    }
}
