// SPDX-License-Identifier: Apache-2.0
import GPULedger
import Kubernetes
import SpawnModel
import Testing

@testable import Upkeep

/// Whether another replica sees the cluster before what the one that died has seen is too old.
@Suite struct LeaseTests {
    @Test(arguments: Array(20...45) + [600])
    func `another leads and has looked before what was seen last is stale`(staleAfter: Int) {
        let lease = ClusterTerms(staleAfter: .seconds(staleAfter)).lease(in: "berth", identity: "one")
        let (age, look) = (Duration.seconds(8), Duration.seconds(1))
        #expect(age + lease.duration + lease.pause * 1.25 + look <= .seconds(staleAfter))
        #expect(lease.pause < lease.renewDeadline && lease.renewDeadline < lease.duration)
        #expect(lease.duration == .seconds(min(15, staleAfter - 12)))
        #expect(lease.name == "berth-gpu" && lease.namespace == "berth" && lease.identity == "one")
    }
}
