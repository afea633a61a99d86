// SPDX-License-Identifier: Apache-2.0
import GPULedger
import JSONTree
import SpawnModel
import Testing

/// Nodes and pods as the API server has them.
struct SeenObjectTests {
    private let reading = PodReading(
        container: "notebook", reservationKey: "berth.io/reservation-id", sealKey: "berth.io/seal")

    private func pod(_ spec: JSON, status: JSON = .emptyObject) -> SeenPod? {
        let metadata: JSON = ["uid": "u", "namespace": "hub", "name": "jupyter-ada"]
        return SeenPod(["metadata": metadata, "spec": spec, "status": status], reading)
    }

    private func container(_ amount: JSON, _ kind: String = "requests", stays: Bool = false) -> JSON {
        var container: JSON = ["name": "x", "resources": [kind: ["nvidia.com/gpu": amount, "cpu": "500m"]]]
        if stays { container["restartPolicy"] = "Always" }
        return container
    }

    @Test func `a node has its extended resources only, and says how it is`() {
        let node = SeenNode([
            "metadata": ["name": "a", "uid": "u", "labels": ["x": "y"]],
            "spec": ["unschedulable": true, "taints": [["key": "k", "effect": "NoSchedule"]]],
            "status": [
                "allocatable": [
                    "cpu": "8", "nvidia.com/gpu": "4", "hugepages-1Gi": "0", "example.kubernetes.io/x": "1",
                    "mortalgpu/a100": "1k",
                ],
                "conditions": [["type": "Ready", "status": "True"]],
            ],
        ])
        #expect(node?.allocatable == ["nvidia.com/gpu": 4, "mortalgpu/a100": 1000])
        #expect(node?.isReady == true && node?.isCordoned == true && node?.isVirtual == false)
        #expect(node?.taints == [SeenNode.Taint(key: "k", value: "", effect: "NoSchedule")])
    }

    @Test func `a node whose kubelet is not heard of is not ready`() {
        let node = SeenNode([
            "metadata": ["name": "a", "uid": "u"],
            "status": ["conditions": [["type": "Ready", "status": "Unknown"]]],
        ])
        #expect(node?.isReady == false)
    }

    @Test func `containers add up, an init container counts by itself, and one that stays beside the others`() {
        #expect(pod(["containers": [container("1"), container(2, "limits")]])?.asks == ["nvidia.com/gpu": 3])
        let first = pod(["initContainers": [container("4")], "containers": [container("1")]])
        #expect(first?.asks == ["nvidia.com/gpu": 4])
        let staying = pod([
            "initContainers": [container("2", stays: true), container("2")], "containers": [container("1")],
        ])
        #expect(staying?.asks == ["nvidia.com/gpu": 4])
        #expect(pod(["containers": [container("0")]])?.asks == [:])
    }

    @Test func `the notebook's container says since when it runs, whatever others do`() {
        let status: JSON = [
            "phase": "Running",
            "containerStatuses": [
                ["name": "sidecar", "state": ["running": ["startedAt": "2026-11-25T10:00:00Z"]]],
                [
                    "name": "notebook", "state": ["running": ["startedAt": "2026-11-25T12:00:00Z"]],
                    "lastState": ["terminated": ["startedAt": "2026-11-25T11:00:00Z"]],
                ],
            ],
        ]
        let running = pod(["nodeName": "a"], status: status)
        #expect(running?.phase == .running && running?.node == "a" && running?.hasStarted == true)
        #expect(running?.startedAt == Instant(rfc3339: "2026-11-25T11:00:00Z"))
        let waiting: JSON = [
            "phase": "Pending", "containerStatuses": [["name": "notebook", "state": ["waiting": [:]]]],
        ]
        #expect(pod([:], status: waiting)?.hasStarted == false)
    }

    @Test func `a failed pod says why, and a claim needs its seal`() {
        let failed = pod([:], status: ["phase": "Failed", "reason": "UnexpectedAdmissionError"])
        #expect(failed?.phase == .failed && failed?.failureReason == "UnexpectedAdmissionError")
        let annotations: JSON = ["berth.io/reservation-id": "r1", "berth.io/seal": "s"]
        #expect(PodClaim(["metadata": ["annotations": annotations]], reading)?.reservationID == "r1")
        #expect(PodClaim(["metadata": ["annotations": ["berth.io/reservation-id": "r1"]]], reading) == nil)
        #expect(failed?.reservationID == nil && failed?.belonging(to: "r1").reservationID == "r1")
    }
}
