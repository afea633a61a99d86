// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// The passwd and group files that give a pod's ids their names.
struct OverlayTests {
    private let overlay = PodOverlay(
        object: "berth-overlay-ada-1", files: ["passwd", "group"],
        variables: [PodTerms.EnvironmentVariable("HOME", "/home/ada")])

    private func patched(_ pod: JSON, _ terms: PodTerms = PodTerms()) throws -> PatchedPod {
        var context = Site.context()
        context.overlay = overlay
        return try terms.patch(pod, for: context)
    }

    @Test func `every container gets each file in its place, read only, and the rest of etc stays the image's`() throws
    {
        let pod = try patched(
            Pods.pod(
                #"{"initContainers": [{"name": "first"}], "containers": [{"name": "notebook"}, {"name": "side"}]}"#)
        ).pod
        #expect(pod.containers.count == 3)
        for container in pod.containers {
            #expect(container.names("volumeMounts", "mountPath") == ["/etc/passwd", "/etc/group"])
            #expect(container.names("volumeMounts", "subPath") == ["passwd", "group"])
            #expect(container["volumeMounts"]?.array?.allSatisfy { $0["readOnly"]?.bool == true } == true)
        }
        #expect(
            pod.at("/spec/volumes")
                == [["name": "berth-overlay", "configMap": ["name": "berth-overlay-ada-1"]]])
    }

    @Test func `Berth's own sidecars know the user too`() throws {
        var terms = Site.full
        terms.volumeMountsEverywhere = []
        var context = Site.fullContext()
        context.overlay = overlay
        let pod = try terms.patch(Pods.pod(#"{"containers": [{"name": "notebook"}]}"#), for: context).pod
        #expect(pod.containers.count > 1)
        #expect(pod.containers.allSatisfy { $0.names("volumeMounts", "mountPath").contains("/etc/passwd") })
    }

    @Test func `a pod that is begun names all its groups, and ends as one that knew its files from the first`() throws {
        let pod = try Pods.pod(
            #"""
            {"securityContext": {"fsGroup": 5, "supplementalGroups": [7, 6]}, "initContainers": [
              {"name": "first", "securityContext": {"runAsGroup": 3}}], "containers": [{"name": "notebook"}],
             "ephemeralContainers": [{"name": "look", "securityContext": {"runAsGroup": 4}}]}
            """#)
        var (terms, context) = (PodTerms(), Site.context())
        (terms.fsGroup, terms.supplementalGroups) = (.keep, .keep)
        context.posix = PosixIdentity(uid: 2, gid: 2, supplementalGroups: [8])
        var begun = try BegunPod(pod, by: terms, for: context)
        #expect(begun.gids == [2, 3, 4, 5, 6, 7, 8])
        let finished = try begun.finish(mounting: overlay)
        context.overlay = overlay
        #expect(finished == (try terms.patch(pod, for: context)))
        #expect(finished.pod.containers.allSatisfy { $0.names("volumeMounts", "subPath") == ["passwd", "group"] })
    }

    @Test func `a variable that tells another home is replaced, and the log says so`() throws {
        let result = try patched(
            Pods.pod(#"{"containers": [{"name": "notebook", "env": [{"name": "HOME", "value": "/home/jovyan"}]}]}"#))
        #expect(result.pod.container("notebook")?.variable("HOME") == ["/home/ada"])
        #expect(result.corrected == ["container notebook's HOME replaced by the account's"])
        let again = try patched(result.pod)
        #expect(again.pod == result.pod && again.corrected == [])
    }

    @Test func `what is mounted over passwd already is a conflict, and so is another object under the volume's name`()
        throws
    {
        let mount = #"{"name": "mine", "mountPath": "/etc/passwd"}"#
        let mounted = try Pods.pod(
            #"{"volumes": [{"name": "mine", "emptyDir": {}}], "containers": [{"name": "notebook", "volumeMounts": [\#(mount)]}]}"#
        )
        #expect(throws: PodPatchError.mountPathTaken(path: "/etc/passwd", container: "notebook")) {
            try patched(mounted)
        }
        let named = try Pods.pod(
            #"{"volumes": [{"name": "berth-overlay", "configMap": {"name": "other"}}], "containers": [{"name": "notebook"}]}"#
        )
        #expect(throws: PodPatchError.volumeNameTaken("berth-overlay")) { try patched(named) }
    }

    @Test func `a pod without an overlay keeps its image's files`() throws {
        let pod = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        let patched = try PodTerms().patch(pod, for: Site.context()).pod
        #expect(patched.container("notebook")?["volumeMounts"] == nil && patched.at("/spec/volumes") == nil)
    }
}
