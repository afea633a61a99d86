// SPDX-License-Identifier: Apache-2.0
import Kubernetes
import Logging

/// Asks the cluster once for its version, so that a wrong address, authority or token is in the log before a spawn
/// finds out. Nothing waits for it, and nothing depends on it.
enum ClusterGreeting {
    static func send(to cluster: Cluster, _ log: Logger) {
        Task {
            do throws(KubernetesError) {
                let version = try await cluster.version()
                log.notice(
                    "cluster reached",
                    metadata: ["server": .string("\(cluster.access.origin)"), "version": .string("\(version)")])
            } catch {
                log.error(
                    "cluster not reached", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
            }
        }
    }
}
