// SPDX-License-Identifier: Apache-2.0
import Foundation
import Kubernetes
import LabChild
import LabCluster

extension RealCluster {
    /// Has the pod end well, as a kubelet would report it.
    func end(_ pod: ObjectName) async throws {
        let kubectl = try Child([
            "/bin/sh", "-c",
            """
            exec kubectl --kubeconfig "$0" get --raw "/api/v1/namespaces/$1/pods/$2" \
                | sed 's/"phase":"Pending"/"phase":"Succeeded"/' \
                | kubectl --kubeconfig "$0" replace --raw "/api/v1/namespaces/$1/pods/$2/status" -f - >/dev/null
            """, facts.kubeconfig, pod.namespace ?? "", pod.name,
        ])
        guard kubectl.finish() == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
