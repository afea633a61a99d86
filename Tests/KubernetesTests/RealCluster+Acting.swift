// SPDX-License-Identifier: Apache-2.0
import Foundation
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

    /// Takes back what `allow` gave.
    func forbid(_ account: String, in namespace: String, _ resource: String) async throws {
        _ = try await admin.delete(ObjectName(.roleBinding, in: namespace, "\(account)-\(resource)"))
        _ = try await admin.delete(ObjectName(.role, in: namespace, "\(account)-\(resource)"))
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
