// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// Whether a pod can have LXCFS, by what is known of the nodes.
struct LXCFSNodeTests {
    static func terms(_ change: (inout PodTerms.LXCFS.Nodes) -> Void = { _ in }) throws -> PodTerms {
        var nodes = PodTerms.LXCFS.Nodes(label: .init(key: "lxcfs", value: "true"))
        change(&nodes)
        var terms = PodTerms()
        terms.lxcfs = try PodTerms.LXCFS(hostDirectory: "/var/lib/lxcfs", files: ["proc/meminfo"], nodes: nodes)
        return terms
    }

    static func node(_ name: String, labels: JSON = [:], taints: JSON = [], conditions: JSON = []) throws -> NodeFacts {
        try #require(
            NodeFacts([
                "metadata": ["name": JSON(name), "labels": labels], "spec": ["taints": taints],
                "status": ["conditions": conditions],
            ]))
    }

    static func context(_ nodes: [NodeFacts]?) -> PodContext {
        var context = Site.context()
        context.cluster.nodes = nodes
        return context
    }

    /// What became of it, as the pod says itself.
    private func outcome(
        _ spec: String = "", of terms: PodTerms, on nodes: [NodeFacts]?
    ) throws -> (annotation: String?, isMounted: Bool, isSteered: Bool) {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]\#(spec)}"#)
        let patched = try terms.patch(pod, for: Self.context(nodes))
        let again = try terms.patch(patched.pod, for: Self.context(nodes))
        #expect(again.pod.text == patched.pod.text && again.warnings == patched.warnings)
        let isMounted = patched.pod.container("notebook")?["volumeMounts"] != nil
        #expect(isMounted == (patched.pod.at("/spec/volumes") != nil))
        let isSteered = patched.pod.at("/spec/affinity")?.text.contains(#"{"key":"lxcfs","operator":"In""#) ?? false
        return (patched.pod.at("/metadata/annotations/berth.io~1lxcfs")?.string, isMounted, isSteered)
    }

    @Test func `one node that has it is enough, and the pod is kept to such nodes`() throws {
        let nodes = [try Self.node("n1", labels: ["lxcfs": "true"]), try Self.node("n2")]
        let outcome = try outcome(of: Self.terms(), on: nodes)
        #expect(outcome.annotation == "mounted" && outcome.isMounted && outcome.isSteered)
    }

    /// A part of the pod's spec by which it may go to n2 only, which has no LXCFS.
    static let pins = [
        #""nodeName": "n2""#, #""nodeSelector": {"kubernetes.io/hostname": "n2"}"#, #""nodeSelector": {"zone": "b"}"#,
        #""affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}, {"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}]}}}"#,
        #""affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}]}}}"#,
        #""affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["8"]}]}]}}}"#,
        #""affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "cores", "operator": "Exists"}, {"key": "lxcfs", "operator": "DoesNotExist"}]}]}}}"#,
    ]

    @Test(arguments: pins)
    func `a pod that may go only where it is missing starts without, and says why`(_ pin: String) throws {
        let nodes = [
            try Self.node("n1", labels: ["lxcfs": "true", "zone": "a", "cores": "8", "kubernetes.io/hostname": "n1"]),
            try Self.node("n2", labels: ["lxcfs": "no", "zone": "b", "cores": "64", "kubernetes.io/hostname": "n2"]),
        ]
        let bare = try Self.node("n2", labels: ["zone": "b", "cores": "64", "kubernetes.io/hostname": "n2"])
        let outcome = try outcome(
            ", " + pin, of: Self.terms(), on: [nodes[0], pin.contains("DoesNot") ? bare : nodes[1]])
        #expect(outcome.annotation == "left-out: 1 nodes may take the pod, and these lack label lxcfs=true: n2")
        #expect(!outcome.isMounted && !outcome.isSteered)
    }

    @Test func `a taint that the pod does not tolerate keeps a node out of account`() throws {
        let taint: JSON = [["key": "gpu", "value": "yes", "effect": "NoSchedule"]]
        let nodes = [try Self.node("n1", labels: ["lxcfs": "true"], taints: taint), try Self.node("n2")]
        #expect(try !outcome(of: Self.terms(), on: nodes).isMounted)
        for toleration in [
            #"{"operator": "Exists"}"#, #"{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}"#,
            #"{"key": "gpu", "value": "yes"}"#,
        ] {
            #expect(try outcome(#", "tolerations": [\#(toleration)]"#, of: Self.terms(), on: nodes).isMounted)
        }
        for other in [
            #"{"key": "gpu", "value": "no"}"#, #"{"key": "gpu", "operator": "Exists", "effect": "NoExecute"}"#,
        ] {
            #expect(try !outcome(#", "tolerations": [\#(other)]"#, of: Self.terms(), on: nodes).isMounted)
        }
        let advice: JSON = [
            ["key": "gpu", "effect": "PreferNoSchedule"],
            ["key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"],
        ]
        #expect(
            try outcome(of: Self.terms(), on: [try Self.node("n1", labels: ["lxcfs": "true"], taints: advice)])
                .isMounted)
    }

    @Test func `a site that does not start without LXCFS refuses such a pod`() throws {
        let terms = try Self.terms { $0.otherwise = .refuse }
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        let nodes = [try Self.node("n2")]
        #expect(throws: PodPatchError.lxcfsNowhere("1 nodes may take the pod, and these lack label lxcfs=true: n2")) {
            try terms.patch(pod, for: Self.context(nodes))
        }
    }

    @Test func `of a condition nothing can steer, so that all nodes in question must have it`() throws {
        let terms = try Self.terms { ($0.label, $0.condition) = (nil, "LXCFSReady") }
        let able = try Self.node("n1", conditions: [["type": "LXCFSReady", "status": "True"]])
        let broken = try Self.node("n2", conditions: [["type": "LXCFSReady", "status": "False"]])
        #expect(try outcome(of: terms, on: [able]).isMounted)
        let both = try outcome(of: terms, on: [able, broken])
        #expect(both.annotation == "left-out: 2 nodes may take the pod, and these lack condition LXCFSReady: n2")
        #expect(try outcome(of: terms, on: nil).annotation == "left-out: Berth is not told of the nodes' conditions")
    }

    @Test func `a label without its condition is not enough`() throws {
        let terms = try Self.terms { $0.condition = "LXCFSReady" }
        let broken = try Self.node(
            "n1", labels: ["lxcfs": "true"], conditions: [["type": "LXCFSReady", "status": "Unknown"]])
        #expect(try !outcome(of: terms, on: [broken]).isMounted)
    }

    @Test func `where nothing is known of nodes the label steers, and only a pinned pod goes without`() throws {
        #expect(try outcome(of: Self.terms(), on: nil).isSteered)
        for pin in [#", "nodeSelector": {"kubernetes.io/hostname": "n2"}"#, #", "nodeName": "n2""#] {
            let pinned = try outcome(pin, of: Self.terms(), on: nil)
            #expect(
                pinned.annotation
                    == "left-out: the pod is pinned to node n2, of which Berth is not told whether it has label lxcfs=true"
            )
        }
    }

    @Test func `a node that is still to come is taken for one that has it`() throws {
        #expect(try outcome(of: Self.terms(), on: []).isMounted)
    }

    @Test func `a pod that has the files keeps them, whatever is known by then`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}, {"name": "late"}]}"#)
        let terms = try Self.terms { $0.condition = "LXCFSReady" }
        func node(_ status: JSON) throws -> NodeFacts {
            try Self.node("n1", labels: ["lxcfs": "true"], conditions: [["type": "LXCFSReady", "status": status]])
        }
        let once = try terms.patch(pod, for: Self.context([node("True")])).pod
        let again = try terms.patch(once, for: Self.context([node("False")])).pod
        #expect(again.text == once.text)
    }

    @Test func `a profile can do without`() throws {
        var context = Self.context(nil)
        context.switches.lxcfs = false
        let pod = try Self.terms().patch(Pods.pod(#"{"containers": [{"name": "notebook"}]}"#), for: context).pod
        #expect(pod.at("/spec/volumes") == nil && pod.at("/spec/affinity") == nil)
        #expect(pod.at("/metadata/annotations/berth.io~1lxcfs") == nil)
    }
}
