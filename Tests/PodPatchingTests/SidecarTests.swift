// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct SidecarTests {
    static var terms: PodTerms {
        var terms = PodTerms()
        terms.sidecars = Site.sidecars
        return terms
    }

    static let pod = """
        {"containers": [{"name": "notebook", "image": "base:1", "resources":
          {"limits": {"cpu": "4", "memory": "8Gi"}, "requests": {"cpu": "2", "memory": "4Gi"}}},
          {"name": "viewer", "image": "viewer:1"}],
        "initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "setup"}]}
        """

    @Test func `native sidecars stand after all other init containers, whose order stays`() throws {
        let pod = try Self.terms.patch(Pods.pod(Self.pod), for: Site.fullContext()).pod
        #expect(pod.at("/spec")?.names("initContainers", "name") == ["mesh", "setup", "berth-token", "berth-walltime"])
        #expect(pod.container("berth-token")?["restartPolicy"] == "Always")
        #expect(pod.at("/spec")?.names("containers", "name") == ["notebook", "viewer"])
    }

    @Test func `where the cluster has no native sidecars they are ordinary containers`() throws {
        var terms = Self.terms
        terms.sidecars?.areNative = false
        let pod = try terms.patch(Pods.pod(Self.pod), for: Site.fullContext()).pod
        #expect(
            pod.at("/spec")?.names("containers", "name") == ["notebook", "viewer", "berth-token", "berth-walltime"]
        )
        #expect(pod.container("berth-token")?["restartPolicy"] == nil)
    }

    @Test(arguments: [(1, 28, false), (1, 29, true), (1, 4, false), (2, 0, true)])
    func `where nobody says, the cluster's version decides`(_ major: Int, _ minor: Int, _ isNative: Bool) throws {
        var terms = Self.terms
        terms.sidecars?.areNative = nil
        var context = Site.fullContext()
        #expect(try terms.patch(Pods.pod(Self.pod), for: context).pod.container("berth-token")?["restartPolicy"] == nil)
        context.cluster.version = ClusterFacts.Version(major: major, minor: minor)
        let pod = try terms.patch(Pods.pod(Self.pod), for: context).pod
        #expect((pod.container("berth-token")?["restartPolicy"] == "Always") == isNative)
        terms.sidecars?.areNative = !isNative
        let told = try terms.patch(Pods.pod(Self.pod), for: context).pod
        #expect((told.container("berth-token")?["restartPolicy"] == "Always") == !isNative)
    }

    @Test func `a sidecar stays where it is when more is known of the cluster`() throws {
        var terms = Self.terms
        terms.sidecars?.areNative = nil
        var context = Site.fullContext()
        let pod = try terms.patch(Pods.pod(Self.pod), for: context).pod
        context.cluster.version = ClusterFacts.Version(major: 1, minor: 33)
        #expect(try terms.patch(pod, for: context).pod.text == pod.text)
    }

    @Test func `each is there only for what the server has`() throws {
        var context = Site.context()
        #expect(try Self.terms.patch(Pods.pod(Self.pod), for: context).pod.containers.count == 4)
        context.walltime = .seconds(3600)
        let pod = try Self.terms.patch(Pods.pod(Self.pod), for: context).pod
        #expect(pod.container("berth-walltime")?.variable("BERTH_WALLTIME_S") == ["3600"])
        #expect(pod.container("berth-token") == nil)
        #expect(pod.at("/spec")?.names("volumes", "name") == ["berth-credential", "berth-walltime"])
    }

    @Test func `what Berth adds has requests and limits of both kinds, and nothing of the notebook's changes`() throws {
        let before = try Pods.pod(Self.pod)
        let pod = try Self.terms.patch(before, for: Site.fullContext()).pod
        for name in ["berth-token", "berth-walltime"] {
            let resources = try #require(pod.container(name)?["resources"])
            #expect(
                resources == [
                    "requests": ["cpu": "10m", "memory": "32Mi"], "limits": ["cpu": "100m", "memory": "64Mi"],
                ]
            )
        }
        #expect(pod.container("notebook")?["resources"]?.text == before.container("notebook")?["resources"]?.text)
    }

    @Test func `the pod's totals say what the sidecars add to the quota`() throws {
        let pod = try Self.terms.patch(
            Pods.pod(
                """
                {"containers": [{"name": "notebook", "resources":
                {"limits": {"cpu": "4", "memory": "8Gi"}, "requests": {"cpu": "2", "memory": "4Gi"}}}]}
                """
            ),
            for: Site.fullContext()
        ).pod
        let totals = try PodTotals(of: pod)
        #expect(totals.limits.cpu == Quantity("4.2"))
        #expect(totals.limits.memory == Quantity("8320Mi"))
        #expect(
            totals.requests == PodTotals.Amounts(cpu: Quantity("2020m") ?? .zero, memory: Quantity("4160Mi") ?? .zero)
        )
        #expect(totals.withoutLimits == [])
    }

    @Test func `the token lies in memory that only its reader and its writer mount`() throws {
        let pod = try Self.terms.patch(Pods.pod(Self.pod), for: Site.fullContext()).pod
        #expect(pod.at("/spec")?.entries("volumes", "name", "berth-token").first?["emptyDir"]?["medium"] == "Memory")
        let mounting = pod.containers.filter { !$0.entries("volumeMounts", "name", "berth-token").isEmpty }
        #expect(mounting.compactMap { $0["name"]?.string } == ["berth-token", "notebook"])
        #expect(pod.container("notebook")?.variable("BEARER_TOKEN_FILE") == ["/run/berth/token"])
        #expect(pod.container("notebook")?.entries("volumeMounts", "name", "berth-token").first?["readOnly"] == true)
        #expect(pod.container("berth-token")?["securityContext"]?["runAsUser"] == 10_010)
    }

    @Test func `several tokens have a memory volume for each directory, and the first is the one that is looked for`()
        throws
    {
        var context = Site.fullContext()
        context.tokens += [
            TokenHandOff(audience: "https://dcache.example.org", file: "/run/berth/dcache", onLoginEnd: .stop),
            TokenHandOff(audience: "https://s3.example.org", file: "/run/s3/token", scope: "storage.read"),
        ]
        let patched = try Self.terms.patch(Pods.pod(Self.pod), for: context)
        let pod = patched.pod
        #expect(pod.container("notebook")?.variable("BEARER_TOKEN_FILE") == ["/run/berth/token"])
        for (volume, directory) in [("berth-token", "/run/berth"), ("berth-token-2", "/run/s3")] {
            #expect(pod.at("/spec")?.entries("volumes", "name", volume).first?["emptyDir"]?["medium"] == "Memory")
            let read = pod.container("notebook")?.entries("volumeMounts", "name", volume).first
            let written = pod.container("berth-token")?.entries("volumeMounts", "name", volume).first
            #expect(read?["mountPath"] == JSON(directory) && read?["readOnly"] == true)
            #expect(written?["mountPath"] == JSON(directory) && written?["readOnly"] == nil)
        }
        let list = try #require(pod.container("berth-token")?.variable("BERTH_TOKENS").first ?? nil)
        #expect(
            try JSON(parsing: list) == [
                ["audience": "https://arc.example.org", "file": "/run/berth/token"],
                ["audience": "https://dcache.example.org", "file": "/run/berth/dcache"],
                ["audience": "https://s3.example.org", "file": "/run/s3/token"],
            ])
        #expect(try Self.terms.patch(pod, for: context).pod.text == pod.text)
    }

    @Test func `the sidecars' credential comes from the reservation's Secret and only they mount it`() throws {
        var context = Site.fullContext()
        context.reservationID = "R_1/x"
        let pod = try Self.terms.patch(Pods.pod(Self.pod), for: context).pod
        let volume = pod.at("/spec")?.entries("volumes", "name", "berth-credential").first
        #expect(volume?["secret"]?["secretName"] == "berth-r-1-x---a092ff10c0ed0d37")
        let mounting = pod.containers.filter { !$0.entries("volumeMounts", "name", "berth-credential").isEmpty }
        #expect(mounting.compactMap { $0["name"]?.string } == ["berth-token", "berth-walltime"])
    }

    @Test func `a container of our name that is not ours is a conflict in either list`() throws {
        for list in ["containers", "initContainers"] {
            let theirs = #"{"name": "berth-walltime", "image": "other:1"}"#
            let pod = try Pods.pod(
                list == "containers"
                    ? #"{"containers": [{"name": "notebook"}, \#(theirs)]}"#
                    : #"{"containers": [{"name": "notebook"}], "initContainers": [\#(theirs)]}"#
            )
            #expect(throws: PodPatchError.containerNameTaken("berth-walltime")) {
                try Self.terms.patch(pod, for: Site.fullContext())
            }
        }
    }

    @Test func `a sidecar that somebody changed is put right`() throws {
        var pod = try Self.terms.patch(Pods.pod(Self.pod), for: Site.fullContext()).pod
        let good = pod
        pod["spec"]?["initContainers"]?[2]?["resources"]?["limits"]?["memory"] = "1Gi"
        pod["spec"]?["initContainers"]?[2]?["restartPolicy"] = "Never"
        #expect(try Self.terms.patch(pod, for: Site.fullContext()).pod == good)
    }

    @Test func `defaults that the API server wrote in between change nothing`() throws {
        var pod = try Self.terms.patch(Pods.pod(Self.pod), for: Site.fullContext()).pod
        pod["spec"]?["initContainers"]?[2]?["terminationMessagePath"] = "/dev/termination-log"
        pod["spec"]?["volumes"]?[0]?["secret"]?["defaultMode"] = 420
        let patched = try Self.terms.patch(pod, for: Site.fullContext())
        #expect(patched.pod.text == pod.text)
        #expect(patched.corrected == [])
    }

    @Test(arguments: ["token", "/token", "/run/token", "/run/../token/x", "/run/berth/", "/run//berth/x"])
    func `a token's file without a directory of its own is an error`(_ file: String) throws {
        var context = Site.context()
        context.tokens = [TokenHandOff(audience: "a", file: file)]
        #expect(throws: PodPatchError.tokenFile(file)) { try Self.terms.patch(Pods.pod(Self.pod), for: context) }
    }

    @Test func `a directory that is taken is a conflict, and so is another place for the token`() throws {
        let mounted = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts": [{"name": "v", "mountPath": "/run/berth/"}]}],
            "volumes": [{"name": "v", "emptyDir": {}}]}
            """
        )
        #expect(throws: PodPatchError.mountPathTaken(path: "/run/berth", container: "notebook")) {
            try Self.terms.patch(mounted, for: Site.fullContext())
        }
        let elsewhere = try Pods.pod(
            #"{"containers": [{"name": "notebook", "env": [{"name": "BEARER_TOKEN_FILE", "value": "/tmp/t"}]}]}"#
        )
        #expect(throws: PodPatchError.environmentDiffers(variable: "BEARER_TOKEN_FILE", container: "notebook")) {
            try Self.terms.patch(elsewhere, for: Site.fullContext())
        }
    }

    @Test func `it is told when no token can be handed over, or not be read`() throws {
        #expect(
            try PodTerms().patch(Pods.pod(Self.pod), for: Site.fullContext()).warnings
                == ["no token is handed over: there are no sidecars"]
        )
        var context = Site.fullContext()
        context.posix = nil
        let pod = try Pods.pod(
            #"{"containers": [{"name": "notebook", "env": [{"name": "BEARER_TOKEN", "value": "x"}]}]}"#
        )
        #expect(try Self.terms.patch(pod, for: context).warnings.count == 2)
    }
}
