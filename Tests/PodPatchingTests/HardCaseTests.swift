// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// Those of the hard cases of GPU accounting that a pod decides.
struct HardCaseTests {
    @Test(arguments: BackendTests.pools)
    func `E31: a CPU pod keeps nothing of any backend's GPU pod`(_ name: String) throws {
        let terms = try BackendSite.terms()
        let clean = try terms.patch(Pods.named("crowded"), for: BackendSite.context(nil)).pod
        let gpu = try terms.patch(
            Pods.named("crowded"), for: BackendSite.context(try BackendSite.gpu(name, in: terms))
        ).pod
        var patched = try terms.patch(gpu, for: BackendSite.context(nil))
        #expect(!patched.corrected.isEmpty)
        #expect(terms.gpuAsks(of: patched.pod).isEmpty)
        for container in patched.pod.containers {
            #expect(container.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
            #expect(container.variable("UNIT_LIMIT") == [])
            #expect((container["resources"]?["claims"]?.array ?? []) == [])
        }
        #expect(patched.pod.at("/metadata/annotations") == clean.at("/metadata/annotations"))
        #expect(patched.pod.at("/metadata/labels") == clean.at("/metadata/labels"))
        #expect(patched.pod.at("/spec/resourceClaims") == nil)
        let scheduler = patched.pod.at("/spec/schedulerName")?.string
        #expect(scheduler == nil || scheduler == "jhub-user-scheduler")
        patched = try terms.patch(patched.pod, for: BackendSite.context(nil))
        #expect(patched.corrected == [])
    }

    @Test(arguments: ["kai", "kai-fraction"])
    func `E32: a sidecar before the notebook does not get the fraction`(_ name: String) throws {
        let terms = try BackendSite.terms()
        let context = BackendSite.context(try BackendSite.gpu(name, in: terms))
        let pod = try terms.patch(Pods.named("crowded"), for: context).pod
        #expect(pod.at("/spec/containers/0/name") == "viewer")
        #expect(pod.at("/metadata/annotations")?["gpu-fraction-container-name"] == "notebook")
        #expect(pod.container("viewer")?.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
        #expect(pod.container("notebook")?.variable("NVIDIA_VISIBLE_DEVICES") == [])
    }

    @Test(arguments: BackendTests.pools)
    func `I12: one container asks for what is reserved, and all others see no GPU`(_ name: String) throws {
        let terms = try BackendSite.terms()
        let context = BackendSite.context(try BackendSite.gpu(name, in: terms))
        let pod = try terms.patch(Pods.named("crowded"), for: context).pod
        #expect(Set(terms.gpuAsks(of: pod).compactMap(\.container)).isSubset(of: ["notebook"]))
        for container in pod.containers where container["name"] != "notebook" {
            #expect(container.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
            #expect(container["resources"]?["claims"] == nil)
        }
    }
}
