// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// What holds for every pod and every context.
struct PatchingTests {
    static let contexts = [
        Site.context(), Site.context(Site.oneCard), Site.fullContext(), Site.fullContext(Site.oneSlice),
        Site.fullContext(Site.share),
    ]

    @Test(arguments: Pods.names, contexts)
    func `patching a patched pod changes nothing and corrects nothing`(_ name: String, _ context: PodContext) throws {
        var terms = Site.full
        terms.security = .asTheHubSays
        let once = try terms.patch(Pods.named(name), for: context)
        let twice = try terms.patch(JSON(parsing: once.pod.bytes), for: context)
        #expect(twice.pod.text == once.pod.text)
        #expect(twice.corrected == [])
        #expect(twice.warnings == once.warnings)
    }

    @Test(arguments: Pods.names)
    func `what nobody asked to touch stays byte for byte`(_ name: String) throws {
        let pod = try Pods.named(name)
        let patched = try Site.full.withoutRestriction.patch(pod, for: Site.fullContext()).pod
        for (key, value) in try #require(pod["spec"]?.object) where !["containers", "initContainers"].contains(key) {
            if touched.contains(key) { continue }
            #expect(patched["spec"]?[key]?.text == value.text)
        }
        for container in pod.containers {
            let after = try #require(patched.container(container["name"]?.string ?? ""))
            for (key, value) in try #require(container.object) where !["env", "volumeMounts"].contains(key) {
                if key == "securityContext" || key == "resources" { continue }
                #expect(after[key]?.text == value.text)
            }
            for entry in container["env"]?.array ?? [] where entry["name"] != "NVIDIA_VISIBLE_DEVICES" {
                #expect(after["env"]?.array?.contains { $0.text == entry.text } == true)
            }
        }
        let order = pod["spec"]?.object?.keys ?? []
        #expect(
            patched["spec"]?.object?.keys.filter { order.contains($0) } == order.filter { patched["spec"]?[$0] != nil }
        )
    }

    private let touched = [
        "affinity", "nodeSelector", "priorityClassName", "runtimeClassName", "securityContext",
        "tolerations", "volumes",
    ]

    @Test func `a pod that needs nothing is the very same bytes`() throws {
        let first = try PodTerms().patch(Pods.named("z2jh"), for: Site.context()).pod
        let spaced = first.pretty
        #expect(try PodTerms().patch(JSON(parsing: spaced), for: Site.context()).pod.text == spaced)
    }

    @Test func `quantities keep the spelling they came with`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "resources":
            {"limits": {"cpu": 2.0, "memory": 2147483648, "nvidia.com/gpu": "1000m"}}}]}
            """
        )
        let patched = try Site.bare.patch(pod, for: Site.context(Site.oneCard)).pod
        #expect(
            patched.at("/spec/containers/0/resources/limits")?.text
                == #"{"cpu": 2.0, "memory": 2147483648, "nvidia.com/gpu": "1000m"}"#
        )
        #expect(patched.at("/spec/containers/0/resources/requests")?.text == #"{"nvidia.com/gpu":"1"}"#)
    }

    @Test func `the hub's token passes through untouched`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "env": [{"name": "JUPYTERHUB_API_TOKEN", "value": "put-back-later"}]}]}
            """
        )
        let patched = try Site.full.patch(pod, for: Site.fullContext()).pod
        #expect(patched.container("notebook")?.variable("JUPYTERHUB_API_TOKEN") == ["put-back-later"])
    }

    @Test(arguments: [
        ("[]", ""), ("{}", "/spec"), (#"{"spec": {"containers": {}}}"#, "/spec/containers"),
        (#"{"spec": {"containers": [7]}}"#, "/spec/containers/0"),
        (#"{"spec": {"containers": [{}]}}"#, "/spec/containers/0/name"),
        (#"{"spec": {"containers": [{"name": "notebook", "env": 1}]}}"#, "/spec/containers/0/env"),
        (
            #"{"spec": {"containers": [{"name": "notebook", "resources": {"limits": []}}]}}"#,
            "/spec/containers/0/resources/limits"
        ),
        (#"{"spec": {"containers": [{"name": "notebook"}], "volumes": {}}}"#, "/spec/volumes"),
        (#"{"spec": {"containers": [{"name": "notebook"}], "tolerations": 1}}"#, "/spec/tolerations"),
        (
            #"{"spec": {"containers": [{"name": "notebook"}], "activeDeadlineSeconds": "x"}}"#,
            "/spec/activeDeadlineSeconds"
        ),
        (#"{"metadata": 3, "spec": {"containers": [{"name": "notebook"}]}}"#, "/metadata"),
    ])
    func `what is no pod is an error that points at the place`(_ text: String, _ pointer: String) throws {
        let error = #expect(throws: PodPatchError.self) {
            try Site.full.patch(JSON(parsing: text), for: Site.fullContext())
        }
        guard case .malformed(pointer, _) = error else {
            Issue.record("\(String(describing: error)) for \(text)")
            return
        }
    }

    @Test func `null members are as good as absent ones`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "env": null, "resources": null, "securityContext": null,
            "volumeMounts": null}], "initContainers": null, "volumes": null, "affinity": null, "nodeSelector": null,
            "tolerations": null, "activeDeadlineSeconds": null, "securityContext": null}
            """,
            metadata: #"{"labels": null, "annotations": null}"#
        )
        let patched = try Site.full.patch(pod, for: Site.fullContext(Site.oneCard))
        #expect(patched.corrected == [])
        #expect(try Site.full.patch(patched.pod, for: Site.fullContext(Site.oneCard)).pod == patched.pod)
    }

    @Test func `a pod without the server's container is an error`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "other"}]}"#)
        #expect(throws: PodPatchError.containerMissing("notebook")) { try Site.bare.patch(pod, for: Site.context()) }
        let twins = try Pods.pod(#"{"containers": [{"name": "notebook"}, {"name": "notebook"}]}"#)
        #expect(throws: PodPatchError.containerNameTwice("notebook")) {
            try Site.bare.patch(twins, for: Site.context())
        }
    }

    @Test func `the deadline comes after the walltime and is only ever lowered`() throws {
        func deadline(_ present: String) throws -> PatchedPod {
            let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}], "activeDeadlineSeconds": \#(present)}"#)
            return try Site.bare.patch(pod, for: Site.fullContext())
        }
        #expect(try deadline("null").pod.at("/spec/activeDeadlineSeconds")?.int == 28_800 + 300)
        #expect(try deadline("99999").pod.at("/spec/activeDeadlineSeconds")?.int == 29_100)
        #expect(try deadline("99999").corrected == ["activeDeadlineSeconds 99999 lowered to 29100"])
        #expect(try deadline("60").pod.at("/spec/activeDeadlineSeconds")?.int == 60)
        #expect(try deadline("60").warnings.count == 2)
        var extensible = Site.fullContext()
        extensible.extensionMost = .seconds(7200)
        let later = try Site.bare.patch(Pods.named("plain"), for: extensible).pod
        #expect(later.at("/spec/activeDeadlineSeconds")?.int == 28_800 + 7200 + 300)
        var long = Site.context()
        long.walltime = .seconds(Int64.max)
        let pod = try PodTerms().patch(Pods.named("plain"), for: long).pod
        #expect(pod.at("/spec/activeDeadlineSeconds")?.int == 2_147_483_647)
    }
}

extension PodTerms {
    var withoutRestriction: PodTerms {
        var terms = self
        terms.security = .asTheHubSays
        return terms
    }
}
