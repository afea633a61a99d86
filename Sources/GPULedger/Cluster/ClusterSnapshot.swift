// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// What the cluster shows at one moment: all nodes, and all pods that ask for a GPU.
package struct ClusterSnapshot: Sendable, Hashable {
    /// Grows with each snapshot that a writer makes; never falls.
    package let generation: Int64
    /// When the cluster was last known to be like this.
    package let observedAt: Instant
    /// False where a list was cut short or a watch has a gap: what is missing then proves nothing.
    package let isComplete: Bool
    package let nodes: [SeenNode]
    package let pods: [SeenPod]

    package init(generation: Int64, observedAt: Instant, isComplete: Bool, nodes: [SeenNode], pods: [SeenPod]) {
        self.generation = generation
        self.observedAt = observedAt
        self.isComplete = isComplete
        self.nodes = nodes
        self.pods = pods
    }
}

extension ClusterSnapshot {
    /// The same, where the clock that tells when it was seen is `span` behind another.
    func moved(by span: Duration) -> ClusterSnapshot {
        guard span != .zero else { return self }
        return ClusterSnapshot(
            generation: generation, observedAt: observedAt + span, isComplete: isComplete, nodes: nodes, pods: pods)
    }
}

/// A node as its object shows it.
package struct SeenNode: Sendable, Hashable {
    package let name: String
    /// A node that comes back under the same name with another UID is another node.
    package let uid: String
    package let labels: [String: String]
    /// Whether its condition `Ready` is true.
    package let isReady: Bool
    /// Whether it is marked unschedulable, as `kubectl cordon` and `drain` do.
    package let isCordoned: Bool
    package let taints: [Taint]
    /// Extended resources only, by name, in whole units.
    package let allocatable: [String: Int]
    /// A node without a machine behind it, as virtual kubelets make: no capacity is counted there.
    package let isVirtual: Bool

    /// A taint in Kubernetes' own words.
    package struct Taint: Sendable, Hashable {
        package let key: String
        /// Empty where the taint has none.
        package let value: String
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        package let effect: String

        package init(key: String, value: String, effect: String) {
            self.key = key
            self.value = value
            self.effect = effect
        }
    }

    package init(
        name: String, uid: String, labels: [String: String] = [:], isReady: Bool = true, isCordoned: Bool = false,
        taints: [Taint] = [], allocatable: [String: Int] = [:], isVirtual: Bool = false
    ) {
        self.name = name
        self.uid = uid
        self.labels = labels
        self.isReady = isReady
        self.isCordoned = isCordoned
        self.taints = taints
        self.allocatable = allocatable
        self.isVirtual = isVirtual
    }
}

/// A pod that asks for a GPU, as its object shows it.
package struct SeenPod: Sendable, Hashable {
    package enum Phase: String, Sendable, CaseIterable {
        case pending, running, succeeded, failed
    }

    package let uid: String
    package let namespace: String
    package let name: String
    /// Nil while no node has been chosen.
    package let node: String?
    package let phase: Phase
    /// The pod's `status.reason` where it has failed: `UnexpectedAdmissionError`, `Evicted`.
    package let failureReason: String?
    /// Whether it has a deletion timestamp.
    package let isTerminating: Bool
    /// Whether the notebook's container runs or has run.
    package let hasStarted: Bool
    /// When the notebook's container was first started, by its node's clock; nil where that is not said.
    package let startedAt: Instant?
    /// What it effectively asks for, per extended resource, in whole units.
    package let asks: [String: Int]
    /// The reservation that it belongs to, only where its seal proved it.
    package let reservationID: String?
    package let nodeSelector: [String: String]
    /// What its annotations say of its reservation, only where a seal over all of it proved that; else nil.
    package let claim: Claim?

    /// Enough to make a reservation anew that the journal has lost.
    package struct Claim: Sendable, Hashable {
        package let server: ServerID
        package let gpu: GPURequest
        package let walltime: Duration?

        package init(server: ServerID, gpu: GPURequest, walltime: Duration?) {
            self.server = server
            self.gpu = gpu
            self.walltime = walltime
        }
    }

    package init(
        uid: String, namespace: String, name: String, node: String? = nil, phase: Phase = .pending,
        failureReason: String? = nil, isTerminating: Bool = false, hasStarted: Bool = false,
        startedAt: Instant? = nil, asks: [String: Int], reservationID: String? = nil,
        nodeSelector: [String: String] = [:], claim: Claim? = nil
    ) {
        self.uid = uid
        self.namespace = namespace
        self.name = name
        self.node = node
        self.phase = phase
        self.failureReason = failureReason
        self.isTerminating = isTerminating
        self.hasStarted = hasStarted
        self.startedAt = startedAt
        self.asks = asks
        self.reservationID = reservationID
        self.nodeSelector = nodeSelector
        self.claim = claim
    }
}
