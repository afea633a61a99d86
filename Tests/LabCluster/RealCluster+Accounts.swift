// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
package import Kubernetes

/// Somebody who may do less.
extension RealCluster {
    /// A service account that may do nothing yet.
    package func makeAccount(_ name: String, in namespace: String) async throws {
        _ = try await admin.create([
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": ["name": JSON(name), "namespace": JSON(namespace)],
        ])
    }

    /// A role of one rule, and its binding to that account.
    package func allow(_ account: String, in namespace: String, _ verbs: [String], on resource: String) async throws {
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

    /// What its pods would have in their file.
    package func token(of account: String, in namespace: String) async throws -> String {
        var request = HTTPClientRequest(
            .post, "\(facts.url)/api/v1/namespaces/\(namespace)/serviceaccounts/\(account)/token",
            headers: [("Authorization", "Bearer \(facts.adminToken)"), ("Content-Type", "application/json")])
        request.body = JSON(["spec": ["expirationSeconds": 3600]]).bytes
        let answer = try await HTTPClient(loops: Loops.shared, trust: admin.access.trust).send(request)
        return try JSON(parsing: answer.body)["status"]?["token"]?.string ?? ""
    }

    /// As another person, or as nobody.
    package func cluster(token: String?, limits: ClusterLimits = ClusterLimits()) throws -> Cluster {
        try Cluster(
            ClusterAccess(server: facts.url, trust: HTTPClientTrust(caFile: facts.ca), token: token),
            loops: Loops.shared, limits: limits)
    }
}
