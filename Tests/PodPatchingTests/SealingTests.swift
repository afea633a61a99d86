// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// The seal as an annotation, and what a pod asks for that only a reservation gives.
struct SealingTests {
    private let seal = String(repeating: "a", count: 64)

    private func sealed(_ seal: String?) -> PodContext {
        var context = Site.context(Site.oneCard)
        context.seal = seal
        return context
    }

    @Test func `a pod bears the seal that it is given, and the same when it is patched again`() throws {
        let once = try Site.bare.patch(Pods.pod(#"{"containers": [{"name": "notebook"}]}"#), for: sealed(seal)).pod
        #expect(once["metadata"]?["annotations"]?[PodKeys.seal]?.string == seal)
        let again = try Site.bare.patch(once, for: sealed(seal))
        #expect(again.pod == once && again.corrected == [])
    }

    @Test func `the seal of whose it is goes with a GPU, and comes off where there is none`() throws {
        var context = sealed(seal)
        context.ownerSeal = "o"
        let once = try Site.bare.patch(Pods.pod(#"{"containers": [{"name": "notebook"}]}"#), for: context).pod
        #expect(once["metadata"]?["annotations"]?[PodKeys.ownerSeal]?.string == "o")
        context.gpu = nil
        let without = try Site.bare.patch(once, for: context).pod
        #expect(without["metadata"]?["annotations"]?[PodKeys.ownerSeal] == nil)
    }

    @Test func `another pod's seal is replaced, and taken off where nothing is sealed`() throws {
        let once = try Site.bare.patch(Pods.pod(#"{"containers": [{"name": "notebook"}]}"#), for: sealed(seal)).pod
        let other = try Site.bare.patch(once, for: sealed("b"))
        #expect(other.pod["metadata"]?["annotations"]?[PodKeys.seal]?.string == "b")
        let without = try Site.bare.patch(once, for: sealed(nil)).pod
        #expect(without["metadata"]?["annotations"]?[PodKeys.seal] == nil)
    }

    @Test func `what a pod asks for is found in every kind of container, in requests and limits`() throws {
        let pod = try Pods.pod(
            """
            {"initContainers": [{"name": "setup", "resources": {"requests": {"nvidia.com/gpu": "1"}}}],
            "ephemeralContainers": [{"name": "debug", "resources": {"limits": {"mortalgpu/a100-shared": 2}}}],
            "containers": [
              {"name": "notebook", "resources": {"limits": {"nvidia.com/gpu": "1k", "memory": "1Gi"},
               "requests": {"nvidia.com/gpu": "many"}}},
              {"name": "idle", "resources": {"limits": {"nvidia.com/gpu": "0", "nvidia.com/mig-1g.10gb": 0}}},
              {"name": "same", "resources": {"limits": {"nvidia.com/gpu": "2"}, "requests": {"nvidia.com/gpu": 2}}}]}
            """)
        let asks = Site.bare.gpuAsks(of: pod)
        #expect(
            asks == [
                GPUAsk(container: "setup", resource: "nvidia.com/gpu", quantity: Quantity(1)),
                GPUAsk(container: "debug", resource: "mortalgpu/a100-shared", quantity: Quantity(2)),
                GPUAsk(container: "notebook", resource: "nvidia.com/gpu", quantity: Quantity(1000)),
                GPUAsk(container: "notebook", resource: "nvidia.com/gpu", quantity: nil),
                GPUAsk(container: "same", resource: "nvidia.com/gpu", quantity: Quantity(2)),
            ])
    }

    @Test(arguments: [#"{}"#, #"{"containers": 7}"#, #"{"containers": [7, {"resources": {"limits": [1]}}, null]}"#])
    func `what is no pod asks for nothing`(spec: String) throws {
        #expect(Site.bare.gpuAsks(of: try JSON(parsing: "{\"spec\": \(spec)}")) == [])
        #expect(Site.bare.gpuAsks(of: try JSON(parsing: spec)) == [])
    }

    /// The patch takes them off, so nobody who is not asked about them has them either way.
    @Test func `what is asked for is what a patch without a reservation takes off`() throws {
        let pod = try Pods.pod(GPUTests.crowded)
        #expect(!Site.bare.gpuAsks(of: pod).isEmpty)
        #expect(Site.bare.gpuAsks(of: try Site.bare.patch(pod, for: Site.context()).pod) == [])
    }
}
