// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct SecurityTests {
    /// A facility's user: primary group 20000, three more, one of them named twice in the directory.
    static var user: PodContext {
        var context = Site.context()
        context.posix = PosixIdentity(
            uid: 10_010,
            gid: 20_000,
            supplementalGroups: [30_003, 30_001, 30_002, 30_002, 20_000]
        )
        return context
    }

    static let pod = """
        {"securityContext": {"fsGroup": 100, "supplementalGroups": [100]},
        "initContainers": [{"name": "as-root", "securityContext": {"runAsUser": 0}}],
        "containers": [{"name": "notebook"}, {"name": "viewer"}]}
        """

    @Test func `the user's own numbers are the pod's, and a container that names its user keeps it`() throws {
        var terms = PodTerms()
        terms.fsGroup = .remove
        terms.strictSupplementalGroups = true
        let pod = try terms.patch(Pods.pod(Self.pod), for: Self.user).pod
        let expected: JSON = [
            "supplementalGroups": [30_001, 30_002, 30_003], "runAsUser": 10_010, "runAsGroup": 20_000,
            "supplementalGroupsPolicy": "Strict",
        ]
        #expect(pod.at("/spec/securityContext")?.isEquivalent(to: expected) == true)
        #expect(pod.container("notebook")?["securityContext"] == ["runAsUser": 10_010, "runAsGroup": 20_000])
        #expect(pod.container("as-root")?["securityContext"] == ["runAsUser": 0])
        #expect(pod.container("viewer")?["securityContext"] == nil)
    }

    @Test func `groups that came with the pod stay where the configuration keeps them`() throws {
        var terms = PodTerms()
        terms.supplementalGroups = .keep
        let pod = try terms.patch(Pods.pod(Self.pod), for: Self.user).pod
        #expect(pod.at("/spec/securityContext/supplementalGroups") == [100, 30_001, 30_002, 30_003])
    }

    @Test func `a file system group goes where the user's own ids are known, unless somebody asks for it`() throws {
        func group(_ fsGroup: PodTerms.FSGroup?, _ context: PodContext) throws -> JSON? {
            var terms = PodTerms()
            terms.fsGroup = fsGroup
            return try terms.patch(Pods.pod(Self.pod), for: context).pod.at("/spec/securityContext/fsGroup")
        }
        #expect(try group(nil, Self.user) == nil)
        #expect(try group(nil, Site.context()) == 100)
        #expect(try group(.keep, Self.user) == 100)
        #expect(try group(.remove, Site.context()) == nil)
        var context = Self.user
        context.changes = [
            PodChange(origin: "rule r (line 3)", fields: ["pod": ["spec": ["securityContext": ["fsGroup": 2000]]]])
        ]
        #expect(try group(nil, context) == 2000)
        #expect(try group(.remove, context) == nil)
    }

    @Test func `groups that the policy itself adds stay beside the user's own, and the hub's go`() throws {
        var context = Self.user
        context.changes = [
            PodChange(
                origin: "rule r (line 3)",
                fields: ["pod": ["spec": ["securityContext": ["supplementalGroups": ["$append": [7001, 20_000]]]]]])
        ]
        let patched = try PodTerms().patch(Pods.pod(Self.pod), for: context)
        #expect(patched.pod.at("/spec/securityContext/supplementalGroups") == [7001, 30_001, 30_002, 30_003])
        #expect(patched.corrected.contains("the pod's supplementalGroups 100, 20000 taken off"))
    }

    @Test func `without numbers of the user's own the hub's stay`() throws {
        let pod = try Pods.named("gpu")
        let patched = try PodTerms().patch(pod, for: Site.context()).pod
        #expect(patched.at("/spec/securityContext")?.text == pod.at("/spec/securityContext")?.text)
        #expect(
            patched.at("/spec/containers/0/securityContext")?.text == pod.at("/spec/containers/0/securityContext")?.text
        )
    }

    @Test func `a number that another webhook set on the server's container is set right and told`() throws {
        let once = try PodTerms().patch(Pods.pod(Self.pod), for: Self.user).pod
        let meddled = try JSON(
            parsing: once.text.replacing("\"runAsUser\":10010", "\"runAsUser\":10011", inContainer: 0)
        )
        let patched = try PodTerms().patch(meddled, for: Self.user)
        #expect(patched.pod.container("notebook")?["securityContext"]?["runAsUser"] == 10_010)
        #expect(patched.corrected == ["container notebook's runAsUser 10011 replaced by 10010"])
    }

    @Test func `restricted means every container, those of others too`() throws {
        let pod = try Pods.pod(
            """
            {"hostNetwork": true, "hostPID": false, "initContainers": [{"name": "setup"}], "containers": [
              {"name": "notebook", "securityContext": {"runAsUser": 1000, "allowPrivilegeEscalation": true}},
              {"name": "mount", "securityContext": {"privileged": true, "procMount": "Unmasked", "runAsNonRoot": false,
                "capabilities": {"add": ["SYS_ADMIN", "NET_BIND_SERVICE"], "drop": ["KILL"]},
                "seccompProfile": {"type": "Unconfined"}}}]}
            """
        )
        var terms = PodTerms()
        terms.security = .restricted
        let patched = try terms.patch(pod, for: Site.context())
        for container in patched.pod.containers {
            let security = try #require(container["securityContext"])
            #expect(security["runAsNonRoot"] == true)
            #expect(security["allowPrivilegeEscalation"] == false)
            #expect(security["capabilities"]?["drop"] == ["ALL"])
            #expect(security["seccompProfile"]?["type"] == "RuntimeDefault")
            #expect(security["privileged"] == nil)
            #expect(security["procMount"] == nil)
        }
        #expect(patched.pod.container("mount")?["securityContext"]?["capabilities"]?["add"] == ["NET_BIND_SERVICE"])
        #expect(patched.pod.at("/spec/hostNetwork") == nil)
        #expect(patched.pod.at("/spec/hostPID") == false)
        #expect(patched.pod.at("/spec/securityContext/runAsNonRoot") == true)
        #expect(patched.corrected.contains("container mount's privileged true taken off"))
    }

    @Test func `a seccomp profile of the node's own is strict enough`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook",
            "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "notebook.json"}}}]}
            """
        )
        var terms = PodTerms()
        terms.security = .restricted
        let patched = try terms.patch(pod, for: Site.context()).pod
        #expect(patched.at("/spec/containers/0/securityContext/seccompProfile/localhostProfile") == "notebook.json")
    }

    @Test func `a container that says it runs as root is refused where pods are restricted`() throws {
        var terms = PodTerms()
        terms.security = .restricted
        #expect(throws: PodPatchError.runsAsRoot(container: "as-root")) {
            try terms.patch(Pods.pod(Self.pod), for: Self.user)
        }
        let whole = try Pods.pod(#"{"securityContext": {"runAsUser": 0}, "containers": [{"name": "notebook"}]}"#)
        #expect(throws: PodPatchError.runsAsRoot(container: nil)) { try terms.patch(whole, for: Site.context()) }
        #expect(throws: Never.self) { try terms.patch(whole, for: Self.user) }
    }
}

extension String {
    /// Replaces the first `old` after the start of the container list.
    fileprivate func replacing(_ old: String, _ new: String, inContainer index: Int) -> String {
        guard let list = range(of: #""containers""#), let place = range(of: old, range: list.upperBound..<endIndex)
        else { return self }
        return replacingCharacters(in: place, with: new)
    }
}
