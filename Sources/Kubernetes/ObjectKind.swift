// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A kind of object, as the API server's paths and manifests name it.
package struct ObjectKind: Hashable, Sendable {
    /// Empty for the core group.
    package let group: String
    package let version: String
    /// As paths and roles have it: `persistentvolumeclaims`.
    package let plural: String
    package let kind: String
    package let isNamespaced: Bool

    package init(group: String = "", version: String = "v1", plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// As manifests have it: `v1`, `coordination.k8s.io/v1`.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}

// MARK: - Those that we know

extension ObjectKind {
    package static let pod = ObjectKind(plural: "pods", kind: "Pod")
    package static let configMap = ObjectKind(plural: "configmaps", kind: "ConfigMap")
    package static let secret = ObjectKind(plural: "secrets", kind: "Secret")
    package static let service = ObjectKind(plural: "services", kind: "Service")
    package static let persistentVolumeClaim = ObjectKind(
        plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    package static let persistentVolume = ObjectKind(
        plural: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)
    package static let serviceAccount = ObjectKind(plural: "serviceaccounts", kind: "ServiceAccount")
    package static let event = ObjectKind(plural: "events", kind: "Event")
    package static let limitRange = ObjectKind(plural: "limitranges", kind: "LimitRange")
    package static let resourceQuota = ObjectKind(plural: "resourcequotas", kind: "ResourceQuota")
    package static let node = ObjectKind(plural: "nodes", kind: "Node", isNamespaced: false)
    package static let namespace = ObjectKind(plural: "namespaces", kind: "Namespace", isNamespaced: false)
    package static let lease = ObjectKind(group: "coordination.k8s.io", plural: "leases", kind: "Lease")
    package static let networkPolicy = ObjectKind(
        group: "networking.k8s.io", plural: "networkpolicies", kind: "NetworkPolicy")
    package static let ingress = ObjectKind(group: "networking.k8s.io", plural: "ingresses", kind: "Ingress")
    package static let role = ObjectKind(group: "rbac.authorization.k8s.io", plural: "roles", kind: "Role")
    package static let roleBinding = ObjectKind(
        group: "rbac.authorization.k8s.io", plural: "rolebindings", kind: "RoleBinding")
    package static let clusterRole = ObjectKind(
        group: "rbac.authorization.k8s.io", plural: "clusterroles", kind: "ClusterRole", isNamespaced: false)
    package static let clusterRoleBinding = ObjectKind(
        group: "rbac.authorization.k8s.io", plural: "clusterrolebindings", kind: "ClusterRoleBinding",
        isNamespaced: false)
    package static let priorityClass = ObjectKind(
        group: "scheduling.k8s.io", plural: "priorityclasses", kind: "PriorityClass", isNamespaced: false)
    package static let mutatingWebhookConfiguration = ObjectKind(
        group: "admissionregistration.k8s.io", plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)

    /// Only the server knows the plural of any other.
    private static let known: [ObjectKind] = [
        .pod, .configMap, .secret, .service, .persistentVolumeClaim, .persistentVolume, .serviceAccount, .event,
        .limitRange, .resourceQuota, .node, .namespace, .lease, .networkPolicy, .ingress, .role, .roleBinding,
        .clusterRole, .clusterRoleBinding, .priorityClass, .mutatingWebhookConfiguration,
    ]

    /// By the manifest's `apiVersion` and `kind`; nil when it is none of those that we know.
    package init?(of object: JSON) {
        let (version, kind) = (object["apiVersion"]?.string, object["kind"]?.string)
        guard let found = ObjectKind.known.first(where: { $0.apiVersion == version && $0.kind == kind }) else {
            return nil
        }
        self = found
    }
}
