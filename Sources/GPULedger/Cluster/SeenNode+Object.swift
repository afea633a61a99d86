// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

extension SeenNode {
    /// A node's object, as the API server has it; nil for what is none.
    package init?(_ object: JSON) {
        guard let name = object["metadata"]?["name"]?.string, let uid = object["metadata"]?["uid"]?.string else {
            return nil
        }
        let labels = (object["metadata"]?["labels"] ?? .emptyObject).texts
        let taints = (object["spec"]?["taints"]?.array ?? []).map(Taint.init)
        self.init(
            name: name, uid: uid, labels: labels,
            isReady: (object["status"]?["conditions"]?.array ?? []).contains {
                $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
            },
            isCordoned: object["spec"]?["unschedulable"]?.bool ?? false, taints: taints,
            allocatable: object["status"]?["allocatable"]?.extendedResources ?? [:],
            isVirtual: labels["type"] == "virtual-kubelet"
                || taints.contains { $0.key == "virtual-kubelet.io/provider" })
    }
}

extension SeenNode.Taint {
    fileprivate init(_ object: JSON) {
        self.init(
            key: object["key"]?.string ?? "", value: object["value"]?.string ?? "",
            effect: object["effect"]?.string ?? "")
    }
}

extension JSON {
    /// An object's members that are texts.
    var texts: [String: String] {
        (object ?? [:]).reduce(into: [:]) { texts, member in texts[member.key] = member.value.string }
    }

    /// Of a list of resources those that device plugins make, in whole units.
    var extendedResources: [String: Int] {
        (object ?? [:]).reduce(into: [:]) { amounts, member in
            guard Self.isExtended(member.key), let amount = Quantity(member.value) else { return }
            amounts[member.key] = amount.roundedUp
        }
    }

    /// Kubernetes' own have no domain, or its own.
    private static func isExtended(_ resource: String) -> Bool {
        guard let slash = resource.firstIndex(of: "/") else { return false }
        let domain = resource[..<slash]
        return domain != "kubernetes.io" && !domain.hasSuffix(".kubernetes.io")
    }
}
