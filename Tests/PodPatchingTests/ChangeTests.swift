// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// What `set` blocks make of a pod.
struct ChangeTests {
    private func patched(_ pod: JSON, _ terms: PodTerms = Site.bare, _ changes: JSON...) throws -> JSON {
        var context = Site.context()
        context.changes = changes.map { PodChange(origin: "rule r (line 3)", fields: $0) }
        let once = try terms.patch(pod, for: context).pod
        let twice = try terms.patch(once, for: context)
        #expect(twice.pod == once, "patching again changes nothing")
        #expect(twice.corrected.isEmpty)
        return once
    }

    @Test(arguments: Pods.names) func `a pod of every shape takes changes, and only those`(name: String) throws {
        let pod = try Pods.named(name)
        let plain = try patched(pod)
        let changed = try patched(
            pod, Site.bare,
            [
                "server": ["env": ["SITE": "lab"]],
                "containers": ["*": ["terminationMessagePolicy": "FallbackToLogsOnError"]],
            ],
            ["pod": ["spec": ["tolerations": [["key": "x", "operator": "Exists"]], "schedulerName": "other"]]])
        #expect(changed.containers.allSatisfy { $0["terminationMessagePolicy"] == "FallbackToLogsOnError" })
        #expect(changed.container("notebook")?.variable("SITE") == ["lab"])
        #expect(changed.at("/spec/schedulerName") == "other")
        #expect(changed.containers.count == plain.containers.count)
        #expect(changed.at("/spec/volumes") == plain.at("/spec/volumes"))
    }

    @Test func `what a change says of placement is no leftover, even where a pool says the same`() throws {
        let pod = try Pods.pod(
            #"{"containers": [{"name": "notebook"}], "nodeSelector": {"pool": "gpu"}, "runtimeClassName": "nvidia"}"#)
        let bare = try patched(pod)
        #expect(bare.at("/spec/nodeSelector/pool") == nil)
        #expect(bare.at("/spec/runtimeClassName") == nil)
        let toleration: JSON = ["key": "gpu", "operator": "Exists", "effect": "NoSchedule"]
        let asked = try patched(
            pod, Site.bare,
            [
                "pod": [
                    "spec": [
                        "nodeSelector": ["pool": "gpu"], "runtimeClassName": "nvidia", "tolerations": [toleration],
                    ]
                ]
            ])
        #expect(asked.at("/spec/nodeSelector/pool") == "gpu")
        #expect(asked.at("/spec/runtimeClassName") == "nvidia")
        #expect(asked.at("/spec/tolerations/0") == toleration)
        let taken = try patched(
            pod, Site.bare, ["pod": ["spec": ["nodeSelector": ["pool": "gpu"]]]],
            ["pod": ["spec": ["nodeSelector": ["pool": nil]]]])
        #expect(taken.at("/spec/nodeSelector/pool") == nil)
    }

    @Test func `what the start's own traits say of placement is no leftover either`() throws {
        let spec: JSON = [
            "nodeSelector": ["pool": "gpu"], "runtimeClassName": "nvidia",
            "tolerations": [["key": "gpu", "operator": "Exists", "effect": "NoSchedule"]],
        ]
        var pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        for (key, value) in spec.object ?? [:] { pod["spec"]?[key] = value }
        var context = Site.context()
        let bare = try Site.bare.patch(pod, for: context).pod
        #expect(bare.at("/spec/nodeSelector/pool") == nil && bare.at("/spec/runtimeClassName") == nil)
        context.placement = spec
        let patched = try Site.bare.patch(pod, for: context)
        for (key, value) in spec.object ?? [:] { #expect(patched.pod.at("/spec/" + key) == value, "\(key)") }
        #expect(patched.corrected.isEmpty)
    }

    @Test func `a container of that name is changed, and its absence names the rule`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}, {"name": "side"}]}"#)
        let change: JSON = ["containers": ["side": ["volumeMounts": ["/c": ["name": "c"]]]]]
        #expect(
            try patched(pod, Site.bare, change).container("side")?.entries("volumeMounts", "mountPath", "/c").count == 1
        )
        #expect(throws: PodPatchError.containerOfChangeMissing("nobody", origin: "rule r (line 3)")) {
            try patched(pod, Site.bare, ["containers": ["nobody": ["tty": true]]])
        }
    }

    @Test func `sidecars and init containers come in order, and get what every container gets`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}], "initContainers": [{"name": "own"}]}"#)
        var terms = Site.bare
        terms.volumes = [try #require(PodTerms.Volume(["name": "passwd", "configMap": ["name": "passwd"]]))]
        terms.volumeMountsEverywhere = [
            try #require(PodTerms.VolumeMount(["name": "passwd", "mountPath": "/etc/passwd"]))
        ]
        let changed = try patched(
            pod, terms,
            [
                "pod": [
                    "spec": [
                        "initContainers": [
                            "$prepend": ["block-nfs": ["image": "i", "securityContext": ["privileged": true]]]
                        ],
                        "containers": ["proxy": ["image": "p"]],
                    ]
                ]
            ])
        #expect(changed.containers.compactMap { $0["name"]?.string } == ["block-nfs", "own", "notebook", "proxy"])
        #expect(changed.containers.allSatisfy { $0.entries("volumeMounts", "mountPath", "/etc/passwd").count == 1 })
        #expect(changed.container("block-nfs")?.at("/securityContext/privileged") == true)
    }

    @Test func `a GPU that a change asks for is taken off: only a reservation gives one`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        let changed = try Site.bare.patch(
            pod, for: Site.context(changes: ["server": ["resources": ["limits": ["nvidia.com/gpu": 1]]]]))
        #expect(changed.pod.container("notebook")?.at("/resources/limits/nvidia.com~1gpu") == nil)
    }

    @Test func `restricted holds for what changes add`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        var terms = Site.bare
        terms.security = .restricted
        let changed = try patched(pod, terms, ["pod": ["spec": ["containers": ["side": ["image": "s"]]]]])
        #expect(changed.container("side")?.at("/securityContext/allowPrivilegeEscalation") == false)
    }

    @Test func `two parts that set one field: the later has the word, and larger ones win where asked`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook", "resources": {"limits": {"memory": "4Gi"}}}]}"#)
        func limits(_ value: JSON) -> JSON { ["server": ["resources": ["limits": ["memory": value]]]] }
        #expect(
            try patched(pod, Site.bare, limits("1Gi"), limits("2Gi")).container("notebook")?.at(
                "/resources/limits/memory") == "2Gi")
        #expect(
            try patched(pod, Site.bare, limits(["$max": "1Gi"]), limits(["$max": "6Gi"])).container("notebook")?.at(
                "/resources/limits/memory") == "6Gi")
        #expect(try patched(pod, Site.bare, limits(nil)).container("notebook")?.at("/resources/limits/memory") == nil)
    }

    @Test func `what cannot be compared names the rule and the place`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook", "resources": {"limits": {"cpu": "many"}}}]}"#)
        let fault = FieldMergeError.notComparable("/spec/containers/0/resources/limits/cpu", "many")
        #expect(throws: PodPatchError.changeDoesNotFit(origin: "rule r (line 3)", fault: fault)) {
            try patched(pod, Site.bare, ["server": ["resources": ["limits": ["cpu": ["$max": 2]]]]])
        }
    }
}

extension Site {
    fileprivate static func context(changes: JSON) -> PodContext {
        var context = context()
        context.changes = [PodChange(origin: "rule r (line 3)", fields: changes)]
        return context
    }
}
