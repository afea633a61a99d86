// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct PodTotalsTests {
    static func container(_ name: String, _ cpu: String, _ memory: String, _ more: String = "") -> String {
        #"{"name": "\#(name)", \#(more) "resources": {"limits": {"cpu": "\#(cpu)", "memory": "\#(memory)"}}}"#
    }

    static let always = #""restartPolicy": "Always","#

    @Test func `ordinary init containers count by the greatest, native sidecars with those that run beside them`()
        throws
    {
        let pod = try Pods.pod(
            """
            {"initContainers": [\(Self.container("early", "3", "1Gi")),
              \(Self.container("side", "1", "1Gi", Self.always)),
              \(Self.container("late", "2500m", "1Gi"))],
            "containers": [\(Self.container("a", "1", "2Gi")), \(Self.container("b", "1", "2Gi"))]}
            """
        )
        let totals = try PodTotals(of: pod)
        #expect(totals.limits.cpu == Quantity("3.5"))
        #expect(totals.limits.memory == Quantity("5Gi"))
        #expect(totals.requests == totals.limits)
    }

    @Test func `the overhead of a runtime class counts on top`() throws {
        let pod = try Pods.pod(
            #"{"overhead": {"cpu": "250m", "memory": 1048576}, "containers": [\#(Self.container("a", "1", "1Mi"))]}"#
        )
        #expect(try PodTotals(of: pod).limits.cpu == Quantity("1250m"))
        #expect(try PodTotals(of: pod).limits.memory == Quantity("2Mi"))
    }

    @Test func `containers that a quota would refuse the pod for are named`() throws {
        let pod = try Pods.named("containers")
        #expect(try PodTotals(of: pod).withoutLimits == ["native-sidecar", "chown", "rclone"])
    }

    @Test func `a request is the limit where none is said`() throws {
        let pod = try Pods.pod(
            #"{"containers": [{"name": "a", "resources": {"limits": {"cpu": 2}, "requests": {"memory": "1Gi"}}}]}"#
        )
        let totals = try PodTotals(of: pod)
        #expect(totals.requests == PodTotals.Amounts(cpu: Quantity(2), memory: Quantity("1Gi") ?? .zero))
        #expect(totals.limits.memory == .zero)
    }

    @Test func `an amount that is no quantity is an error that points at it`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "a", "resources": {"requests": {"memory": "much"}}}]}"#)
        let pointer = "/spec/containers/0/resources/requests/memory"
        #expect(throws: PodPatchError.malformed(pointer: pointer, expected: "a quantity")) { try PodTotals(of: pod) }
    }
}
