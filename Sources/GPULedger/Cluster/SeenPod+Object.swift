// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

/// What a pod says of its reservation. Whoever may make pods can say it: only the seal proves it.
package struct PodClaim: Sendable, Hashable {
    package let reservationID: String
    package let seal: String
}

/// Where a pod's object says what.
package struct PodReading: Sendable, Hashable {
    /// The container that runs the notebook.
    package let container: String
    /// The annotations' keys.
    package let reservationKey: String
    package let sealKey: String

    package init(container: String, reservationKey: String, sealKey: String) {
        self.container = container
        self.reservationKey = reservationKey
        self.sealKey = sealKey
    }
}

extension SeenPod {
    /// A pod's object, as the API server has it; nil for what is none. Its reservation is not known yet.
    package init?(_ object: JSON, _ reading: PodReading) {
        let metadata = object["metadata"]
        guard let uid = metadata?["uid"]?.string, let namespace = metadata?["namespace"]?.string,
            let name = metadata?["name"]?.string
        else { return nil }
        let (spec, status) = (object["spec"] ?? .emptyObject, object["status"] ?? .emptyObject)
        let phase = Phase(kubernetes: status["phase"]?.string)
        let run = ContainerRun(status, reading.container)
        self.init(
            uid: uid, namespace: namespace, name: name,
            node: spec["nodeName"]?.string.flatMap { $0.isEmpty ? nil : $0 }, phase: phase,
            failureReason: phase == .failed ? status["reason"]?.string : nil,
            isTerminating: metadata?["deletionTimestamp"]?.string != nil, hasStarted: run.hasStarted,
            startedAt: run.startedAt, asks: spec.effectiveRequests,
            nodeSelector: (spec["nodeSelector"] ?? .emptyObject).texts)
    }

    /// The same pod, once its seal has proved whose it is.
    package func belonging(to reservationID: String, _ claim: Claim? = nil) -> SeenPod {
        SeenPod(
            uid: uid, namespace: namespace, name: name, node: node, phase: phase, failureReason: failureReason,
            isTerminating: isTerminating, hasStarted: hasStarted, startedAt: startedAt, asks: asks,
            reservationID: reservationID, nodeSelector: nodeSelector, claim: claim)
    }

    /// The same pod, with what it asks of these resources only.
    package func asking(only isWanted: (String) -> Bool) -> SeenPod {
        SeenPod(
            uid: uid, namespace: namespace, name: name, node: node, phase: phase, failureReason: failureReason,
            isTerminating: isTerminating, hasStarted: hasStarted, startedAt: startedAt,
            asks: asks.filter { isWanted($0.key) }, reservationID: reservationID, nodeSelector: nodeSelector,
            claim: claim)
    }
}

extension PodClaim {
    /// Nil where the pod says nothing of a reservation, or has no seal.
    package init?(_ object: JSON, _ reading: PodReading) {
        let annotations = object["metadata"]?["annotations"]
        guard let id = annotations?[reading.reservationKey]?.string, let seal = annotations?[reading.sealKey]?.string
        else { return nil }
        self.init(reservationID: id, seal: seal)
    }
}

extension SeenPod.Phase {
    /// `Unknown` was a kubelet that nobody heard of: the pod may well run.
    fileprivate init(kubernetes phase: String?) {
        self =
            switch phase {
            case "Running", "Unknown": .running
            case "Succeeded": .succeeded
            case "Failed": .failed
            case _: .pending
            }
    }
}

/// Whether one container runs or has run. A restart leaves the time of the run before it.
private struct ContainerRun {
    let hasStarted: Bool
    let startedAt: Instant?

    init(_ status: JSON, _ container: String) {
        let told = (status["containerStatuses"]?.array ?? []).first { $0["name"]?.string == container }
        let runs = [
            told?["state"]?["running"], told?["state"]?["terminated"], told?["lastState"]?["terminated"],
        ].compactMap { $0 }
        hasStarted = !runs.isEmpty
        startedAt = runs.compactMap { $0["startedAt"]?.string.flatMap { Instant(rfc3339: $0) } }.min()
    }
}
