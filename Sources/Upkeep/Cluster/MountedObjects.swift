// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes

/// Which ConfigMaps pods mount.
enum MountedObjects {
    /// Those of `candidates` that a pod of the namespace mounts which has not ended. Whole, or an error.
    static func names(
        among candidates: Set<String>, in namespace: String, _ cluster: Cluster, _ patience: Patience
    ) async throws(UpkeepError) -> Set<String> {
        guard !candidates.isEmpty else { return [] }
        return try await patience.call { () throws(KubernetesError) in
            var mounted: Set<String> = []
            try await cluster.list(.pod, in: namespace) { page in
                for pod in page.items where !hasEnded(pod) { mounted.formUnion(configMaps(of: pod)) }
                mounted.formIntersection(candidates)
            }
            return mounted
        }
    }

    /// Its containers do not run and will not be started again.
    private static func hasEnded(_ pod: JSON) -> Bool {
        ["Succeeded", "Failed"].contains(pod["status"]?["phase"]?.string)
    }

    private static func configMaps(of pod: JSON) -> [String] {
        (pod["spec"]?["volumes"]?.array ?? []).flatMap { volume in
            let sources = [volume] + (volume["projected"]?["sources"]?.array ?? [])
            return sources.compactMap { $0["configMap"]?["name"]?.string }
        }
    }
}
