// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import PodPatching

struct EnvironmentAndVolumeTests {
    static func threads(_ limits: String, env: String = "[]") throws -> [String?] {
        var terms = PodTerms()
        terms.threadCountVariables = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"]
        let pod = try Pods.pod(
            #"{"containers": [{"name": "notebook", "env": \#(env), "resources": {"limits": \#(limits)}}]}"#
        )
        let container = try #require(try terms.patch(pod, for: Site.context()).pod.container("notebook"))
        return container.variable("OMP_NUM_THREADS") + container.variable("MKL_NUM_THREADS")
    }

    @Test func `threads follow the CPU limit, rounded down and at least one`() throws {
        #expect(try Self.threads(#"{"cpu": 2.0}"#) == ["2", "2"])
        #expect(try Self.threads(#"{"cpu": "3900m"}"#) == ["3", "3"])
        #expect(try Self.threads(#"{"cpu": "500m"}"#) == ["1", "1"])
        #expect(try Self.threads("{}") == [])
        #expect(try Self.threads("null") == [])
    }

    @Test func `a number of threads that the container has is not overwritten`() throws {
        #expect(try Self.threads(#"{"cpu": 8}"#, env: #"[{"name": "OMP_NUM_THREADS", "value": "1"}]"#) == ["1", "8"])
    }

    @Test func `a limit that is no quantity is an error that points at it`() throws {
        let error = PodPatchError.malformed(pointer: "/spec/containers/0/resources/limits/cpu", expected: "a quantity")
        #expect(throws: error) { try Self.threads(#"{"cpu": "two"}"#) }
    }

    @Test func `a variable that is there already is not added, with another value it is a conflict`() throws {
        func pod(_ value: String) throws -> JSON {
            try Pods.pod(#"{"containers": [{"name": "notebook", "env": [{"name": "SCRATCH", \#(value)}]}]}"#)
        }
        var terms = PodTerms()
        terms.environment = [PodTerms.EnvironmentVariable("SCRATCH", "/scratch")]
        let patched = try terms.patch(pod(#""value": "/scratch""#), for: Site.context()).pod
        #expect(patched.container("notebook")?.variable("SCRATCH") == ["/scratch"])
        for other in [#""value": "/tmp""#, #""valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}"#] {
            #expect(throws: PodPatchError.environmentDiffers(variable: "SCRATCH", container: "notebook")) {
                try terms.patch(pod(other), for: Site.context())
            }
        }
    }

    @Test func `the configuration's mounts go to the server's container, or to all where it says so`() throws {
        let pod = try Site.full.patch(
            Pods.pod(#"{"containers": [{"name": "notebook"}, {"name": "viewer"}]}"#),
            for: Site.context()
        ).pod
        #expect(
            pod.container("notebook")?.names("volumeMounts", "mountPath").prefix(3)
                == ["/site/data", "/etc/passwd", "/etc/group"]
        )
        #expect(pod.container("viewer")?.names("volumeMounts", "mountPath").prefix(2) == ["/etc/passwd", "/etc/group"])
    }

    @Test func `a volume or a path that is taken by something else is a conflict`() throws {
        let named = try Pods.pod(
            #"{"containers": [{"name": "notebook"}], "volumes": [{"name": "site-data", "emptyDir": {}}]}"#
        )
        #expect(throws: PodPatchError.volumeNameTaken("site-data")) { try Site.full.patch(named, for: Site.context()) }
        let mounted = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts": [{"name": "v", "mountPath": "/site/data"}]}],
            "volumes": [{"name": "v", "emptyDir": {}}]}
            """
        )
        #expect(throws: PodPatchError.mountPathTaken(path: "/site/data", container: "notebook")) {
            try Site.full.patch(mounted, for: Site.context())
        }
    }

    @Test func `the same volume below another path of it is something else`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts":
              [{"name": "site-data", "mountPath": "/site/data", "readOnly": true, "subPath": "ana"}]}],
            "volumes": [{"name": "site-data", "persistentVolumeClaim": {"claimName": "data"}}]}
            """
        )
        #expect(throws: PodPatchError.mountPathTaken(path: "/site/data", container: "notebook")) {
            try Site.full.patch(pod, for: Site.context())
        }
    }

    @Test func `the same volume and mount are not added again, whatever their order and slashes`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook", "volumeMounts":
              [{"readOnly": true, "mountPath": "/site/data/", "name": "site-data"}]}],
            "volumes": [{"persistentVolumeClaim": {"readOnly": false, "claimName": "data"}, "name": "site-data"}]}
            """
        )
        let patched = try Site.full.patch(pod, for: Site.context()).pod
        #expect(patched.at("/spec/volumes/0")?.text == pod.at("/spec/volumes/0")?.text)
        #expect(patched.container("notebook")?.entries("volumeMounts", "name", "site-data").count == 1)
    }

    @Test func `a mount of a volume that nobody has is an error`() throws {
        var terms = PodTerms()
        terms.volumeMounts = [["name": "nowhere", "mountPath": "/n"]].compactMap(PodTerms.VolumeMount.init)
        #expect(throws: PodPatchError.volumeMissing(volume: "nowhere", container: "notebook")) {
            try terms.patch(Pods.named("plain"), for: Site.context())
        }
        terms.volumeMounts = [["name": "volume-bob", "mountPath": "/n"]].compactMap(PodTerms.VolumeMount.init)
        #expect(throws: Never.self) { try terms.patch(Pods.named("gpu"), for: Site.context()) }
    }
}
