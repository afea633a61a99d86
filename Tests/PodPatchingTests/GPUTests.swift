// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct GPUTests {
    /// A CUDA image in each list, with leftovers of an earlier start and another container that asks for a card.
    static let crowded = """
        {"initContainers": [{"name": "setup", "image": "cuda:12"},
          {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
        "containers": [
          {"name": "notebook", "image": "cuda:12",
           "env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}, {"name": "A", "value": "1"},
                   {"name": "NVIDIA_VISIBLE_DEVICES", "value": "0"}],
           "resources": {"limits": {"nvidia.com/gpu": "0", "memory": "4Gi"}, "requests": {"nvidia.com/gpu": "0"}}},
          {"name": "viewer", "image": "cuda:12",
           "resources": {"limits": {"nvidia.com/mig-1g.10gb": 1, "mortalgpu/v100": "4"}}}]}
        """

    @Test func `a server without a GPU sees none in any container`() throws {
        let patched = try Site.full.patch(Pods.pod(Self.crowded), for: Site.fullContext())
        #expect(patched.pod.containers.count == 6)
        for container in patched.pod.containers {
            #expect(container.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
        }
        #expect(patched.pod.container("notebook")?.variable("A") == ["1"])
        #expect(patched.corrected.contains("container notebook's NVIDIA_VISIBLE_DEVICES all replaced by void"))
    }

    @Test func `members that are null are set where they stand`() throws {
        let pod = try Pods.pod(
            #"{"containers": [{"env": null, "securityContext": null, "volumeMounts": null, "name": "notebook"}]}"#
        )
        let container = try #require(try Site.full.patch(pod, for: Site.context()).pod.container("notebook"))
        #expect(container.keys == ["env", "securityContext", "volumeMounts", "name"])
        #expect(container.variable(PodKeys.visibleDevices) == ["void"])
        #expect(container["securityContext"]?["runAsNonRoot"] == true)
    }

    @Test func `GPU resources without a reservation go, zero or not, and it is told`() throws {
        let patched = try Site.bare.patch(Pods.pod(Self.crowded), for: Site.context())
        #expect(patched.pod.at("/spec/containers/0/resources") == ["limits": ["memory": "4Gi"], "requests": [:]])
        #expect(patched.pod.at("/spec/containers/1/resources")?.text == #"{"limits": {}}"#)
        for resource in ["notebook's nvidia.com/gpu", "viewer's nvidia.com/mig-1g.10gb", "viewer's mortalgpu/v100"] {
            #expect(patched.corrected.contains("container \(resource) taken off: it is not reserved for it"))
        }
    }

    @Test(arguments: [
        (Site.oneCard, "nvidia.com/gpu", 1), (Site.twoCards, "nvidia.com/gpu", 2),
        (Site.oneSlice, "nvidia.com/mig-1g.10gb", 1), (Site.share, "mortalgpu/a100-shared", 20),
    ])
    func `the reserved amount stands as request and limit in the server's container only`(
        _ gpu: PodContext.GPU,
        _ resource: String,
        _ count: Int
    ) throws {
        let pod = try Site.bare.patch(Pods.pod(Self.crowded), for: Site.context(gpu)).pod
        let holders = pod.containers.filter { $0.holdsGPU }
        #expect(holders.compactMap { $0["name"]?.string } == ["notebook"])
        for kind in ["limits", "requests"] {
            let amounts = try #require(pod.container("notebook")?["resources"]?[kind]?.object)
            #expect(amounts[resource].flatMap { Quantity($0) } == Quantity(count))
            #expect(amounts.keys.filter { $0.contains("/") } == [resource])
        }
        #expect(pod.container("notebook")?.variable("NVIDIA_VISIBLE_DEVICES") == [])
        for name in ["setup", "proxy", "viewer"] {
            #expect(pod.container(name)?.variable("NVIDIA_VISIBLE_DEVICES") == ["void"])
        }
    }

    @Test func `a variable that comes from elsewhere is replaced too`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "env": [{"name": "NVIDIA_VISIBLE_DEVICES",
            "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}]}]}
            """
        )
        let patched = try Site.bare.patch(pod, for: Site.context())
        #expect(
            patched.pod.at("/spec/containers/0/env/0")?.text == #"{"name":"NVIDIA_VISIBLE_DEVICES","value":"void"}"#
        )
        #expect(patched.corrected == ["container notebook's NVIDIA_VISIBLE_DEVICES from elsewhere replaced by void"])
    }

    @Test func `a CPU server keeps nothing of the GPU server that ran before it`() throws {
        let pod = try Pods.pod(
            """
            {"nodeSelector": {"pool": "gpu"},
            "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
            "runtimeClassName": "nvidia",
            "containers": [{"name": "notebook", "image": "base:3",
              "env": [{"name": "CUDA_CACHE", "value": "/scratch/cuda"}],
              "resources": {"limits": {"nvidia.com/gpu": "1", "memory": "4G"},
                            "requests": {"nvidia.com/gpu": "1", "memory": "2G"}}}]}
            """,
            metadata: #"{"annotations": {"gpu.example.org/limit": "20480Mi", "other": "stays"}}"#
        )
        var terms = Site.bare
        terms.nodeSelector = ["pool": "user"]
        terms.gpuEnvironment = ["CUDA_CACHE"]
        let patched = try terms.patch(pod, for: Site.context())
        #expect(patched.pod.at("/spec/nodeSelector")?.text == #"{"pool": "user"}"#)
        #expect(patched.pod.at("/spec/tolerations") == [])
        #expect(patched.pod.at("/spec/runtimeClassName") == nil)
        #expect(
            patched.pod.at("/spec/containers/0/resources")
                == ["limits": ["memory": "4G"], "requests": ["memory": "2G"]]
        )
        #expect(patched.pod.container("notebook")?.names("env", "name") == ["NVIDIA_VISIBLE_DEVICES"])
        #expect(patched.pod.at("/metadata/annotations")?.object?.keys.contains("gpu.example.org/limit") == false)
        #expect(patched.pod.at("/metadata/annotations/other") == "stays")
        #expect(patched.corrected.count == 6)
    }

    @Test func `a share's limit is written where the pool's backend reads it`() throws {
        let pod = try Site.bare.patch(Pods.named("plain"), for: Site.context(Site.share)).pod
        #expect(pod.at("/metadata/annotations")?["gpu.example.org/limit"] == "20480Mi")
        #expect(pod.at("/metadata/annotations")?["berth.io/gpu-amount"] == "request=10000Mi,limit=20480Mi")
    }

    @Test func `an amount that the pool no longer has in that form is an error`() throws {
        for gpu in [
            PodContext.GPU(pool: Site.card, amount: .share(request: MiB(1), limit: MiB(2))),
            PodContext.GPU(pool: Site.slice, amount: .cards(1)),
            PodContext.GPU(pool: Site.shared, amount: .migInstances(1)),
            PodContext.GPU(pool: Site.card, amount: .cards(0)),
        ] {
            #expect(throws: PodPatchError.amountNotOfPool(pool: gpu.pool.name)) {
                try Site.bare.patch(Pods.named("plain"), for: Site.context(gpu))
            }
        }
    }

    @Test func `devices by resource claim are told of, since nobody counts them`() throws {
        let patched = try Site.bare.patch(Pods.named("gpu"), for: Site.context())
        #expect(patched.warnings == ["resource claims came with the pod and are not counted: gpu"])
    }
}

extension JSON {
    /// The container asks for something that only a reservation gives.
    var holdsGPU: Bool {
        ["limits", "requests"].contains { kind in
            self["resources"]?[kind]?.object?.keys.contains {
                $0.hasPrefix("nvidia.com/") || $0.hasPrefix("mortalgpu/")
            }
                ?? false
        }
    }
}
