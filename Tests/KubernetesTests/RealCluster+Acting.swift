// SPDX-License-Identifier: Apache-2.0
import Foundation
import HTTPClient
import JSONTree
import Kubernetes
import LabChild
import LabCluster

extension RealCluster {
    /// As `kubectl apply --server-side --field-manager` does it.
    func applyAs(_ manager: String, _ object: JSON) async throws {
        let metadata = object["metadata"]
        let kubectl = try Child([
            "/usr/bin/kubectl", "--kubeconfig", facts.kubeconfig, "apply", "--server-side", "--force-conflicts",
            "--field-manager", manager, "-n", metadata?["namespace"]?.string ?? "", "-f", "-",
        ])
        kubectl.write(object.text)
        guard kubectl.finish() == 0 else { throw CocoaError(.featureUnsupported) }
    }

    /// A service account that may do nothing yet.
    func makeAccount(_ name: String, in namespace: String) async throws {
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": ["name": JSON(name), "namespace": JSON(namespace)],
        ])
    }

    /// A role of one rule, and its binding to that account.
    func allow(_ account: String, in namespace: String, _ verbs: [String], on resource: String) async throws {
        let metadata: JSON = ["name": JSON("\(account)-\(resource)"), "namespace": JSON(namespace)]
        let group = "rbac.authorization.k8s.io"
        _ = try await admin.create([
            "apiVersion": JSON("\(group)/v1"), "kind": "Role", "metadata": metadata,
            "rules": [
                [
                    "apiGroups": ["", "coordination.k8s.io"], "resources": [JSON(resource)],
                    "verbs": JSON(verbs.map { JSON($0) }),
                ]
            ],
        ])
        _ = try await admin.create([
            "apiVersion": JSON("\(group)/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": ["apiGroup": JSON(group), "kind": "Role", "name": JSON("\(account)-\(resource)")],
            "subjects": [["kind": "ServiceAccount", "name": JSON(account), "namespace": JSON(namespace)]],
        ])
    }

    /// Takes back what `allow` gave.
    func forbid(_ account: String, in namespace: String, _ resource: String) async throws {
        _ = try await admin.delete(ObjectName(.roleBinding, in: namespace, "\(account)-\(resource)"))
        _ = try await admin.delete(ObjectName(.role, in: namespace, "\(account)-\(resource)"))
    }

    /// What its pods would have in their file.
    func token(of account: String, in namespace: String) async throws -> String {
        var request = HTTPClientRequest(
            .post, "\(facts.url)/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token",
            headers: [("Authorization", "Bearer \(facts.adminToken)"), ("Content-Type", "application/json")])
        request.body = JSON(["spec": ["expirationSeconds": 3600]]).bytes
        let answer = try await HTTPClient(loops: Loops.shared, trust: admin.access.trust).send(request)
        return try JSON(parsing: answer.body)["status"]?["token"]?.string ?? ""
    }

    /// As another person, or as nobody.
    func cluster(token: String?, limits: ClusterLimits = ClusterLimits()) throws -> Cluster {
        try Cluster(
            ClusterAccess(server: facts.url, trust: HTTPClientTrust(caFile: facts.ca), token: token),
            loops: Loops.shared, limits: limits)
    }
}

/// A map of texts, as tests need one of.
func configMap(_ name: String, in namespace: String, _ data: JSON = ["a": "1"]) -> JSON {
    [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": JSON(name), "namespace": JSON(namespace)], "data": data,
    ]
}

extension Cluster {
    /// The error of a call that must have one.
    func failure(of call: (Cluster) async throws -> Void) async -> KubernetesError? {
        do { try await call(self) } catch { return error as? KubernetesError }
        return nil
    }
}
