// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

struct WalltimeNoticeTests {
    static var context: PodContext {
        var context = Site.context()
        context.walltime = .seconds(3600)
        return context
    }

    private func patched(_ spec: String, _ context: PodContext = context) throws -> PatchedPod {
        try SidecarTests.terms.patch(Pods.pod(spec), for: context)
    }

    @Test func `the sidecar writes the notices and the server only reads them`() throws {
        let pod = try patched(#"{"containers": [{"name": "notebook"}, {"name": "viewer"}]}"#).pod
        #expect(pod.at("/spec")?.entries("volumes", "name", "berth-walltime").first?["emptyDir"]?["medium"] == "Memory")
        for (name, readOnly) in [("notebook", true), ("berth-walltime", nil)] as [(String, JSON?)] {
            let mount = try #require(pod.container(name)?.entries("volumeMounts", "name", "berth-walltime").first)
            #expect(mount["mountPath"] == "/run/berth-walltime" && mount["readOnly"] == readOnly)
        }
        #expect(pod.container("viewer")?.entries("volumeMounts", "name", "berth-walltime") == [])
        let notebook = try #require(pod.container("notebook"))
        #expect(notebook.variable("JUPYTER_PATH") == ["/run/berth-walltime/jupyter"])
        #expect(
            notebook.variable("MAILPATH") == ["/run/berth-walltime/notice.txt?`cat /run/berth-walltime/notice.txt`"])
        #expect(notebook.variable("MAILCHECK") == ["10"])
        #expect(notebook.variable("BERTH_WALLTIME_SOCKET") == ["/run/berth-walltime/socket"])
        #expect(pod.container("berth-walltime")?.variable("BERTH_NOTICE_DIR") == ["/run/berth-walltime"])
    }

    @Test func `without a walltime there is nothing of it`() throws {
        let pod = try patched(#"{"containers": [{"name": "notebook"}]}"#, Site.context()).pod
        #expect(!pod.text.contains("berth-walltime"))
    }

    @Test func `what the pod says of mail stays and its Jupyter path comes behind ours once`() throws {
        let spec = """
            {"containers": [{"name": "notebook", "env": [{"name": "JUPYTER_PATH", "value": "/site/jupyter:/opt"},
            {"name": "MAILPATH", "value": "/var/mail/ana"}, {"name": "MAILCHECK", "value": "60"}]}]}
            """
        let pod = try patched(spec).pod
        let notebook = try #require(pod.container("notebook"))
        #expect(notebook.variable("JUPYTER_PATH") == ["/run/berth-walltime/jupyter:/site/jupyter:/opt"])
        #expect(notebook.variable("MAILPATH") == ["/var/mail/ana"])
        #expect(notebook.variable("MAILCHECK") == ["60"])
        #expect(try SidecarTests.terms.patch(pod, for: Self.context).pod.text == pod.text)
    }

    @Test func `a Jupyter path from elsewhere stays and is told`() throws {
        let from = #"{"configMapKeyRef": {"name": "c", "key": "k"}}"#
        let patched = try patched(
            #"{"containers": [{"name": "notebook", "env": [{"name": "JUPYTER_PATH", "valueFrom": \#(from)}]}]}"#)
        #expect(patched.warnings == ["JUPYTER_PATH comes from elsewhere, so JupyterLab does not show the walltime"])
    }

    @Test func `a volume or a mount of that name or place is a conflict`() throws {
        #expect(throws: PodPatchError.volumeNameTaken("berth-walltime")) {
            try patched(
                """
                {"containers": [{"name": "notebook"}],
                "volumes": [{"name": "berth-walltime", "hostPath": {"path": "/x"}}]}
                """)
        }
        let taken = PodPatchError.mountPathTaken(path: "/run/berth-walltime", container: "notebook")
        #expect(throws: taken) {
            try patched(
                """
                {"containers": [{"name": "notebook", "volumeMounts": [{"name": "v", "mountPath": "/run/berth-walltime"}]}],
                "volumes": [{"name": "v", "emptyDir": {}}]}
                """)
        }
    }

    @Test func `the user's processes do not share a namespace with what holds the credential`() throws {
        let spec = #"{"containers": [{"name": "notebook"}], "shareProcessNamespace": true}"#
        let patched = try patched(spec)
        #expect(patched.pod["spec"]?["shareProcessNamespace"] == nil)
        #expect(patched.corrected == ["the pod's shareProcessNamespace true taken off"])
        let without = try self.patched(spec, Site.context())
        #expect(without.pod["spec"]?["shareProcessNamespace"] == true && without.corrected == [])
    }
}
