// SPDX-License-Identifier: Apache-2.0
package import GPULedger
package import Kubernetes
import SpawnModel

extension ClusterTerms {
    /// The Lease of the one that tells of pods. Where that one dies, another leads and has looked before what was seen last
    /// is too old to decide by.
    package func lease(in namespace: String, identity: String) -> LeadershipTerms {
        var lease = LeadershipTerms(in: namespace, "berth-gpu", identity: identity)
        let duration = min(lease.duration, .seconds((staleAfter - Self.beforeAndAfter).wholeSeconds))
        // The parts stay in proportion.
        lease.renewDeadline = lease.renewDeadline * duration.wholeSeconds / lease.duration.wholeSeconds
        lease.pause = lease.pause * duration.wholeSeconds / lease.duration.wholeSeconds
        lease.duration = duration
        return lease
    }

    /// What was seen is as old as a connection of the watch may last when its leader dies, 8 s; whoever takes over asks for
    /// the Lease every 2.5 s at the longest, and lists pods.
    private static let beforeAndAfter = Duration.seconds(12)
}
