// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// Pods against the standard's own words (`PodSecurityStandard`), before and after.
struct RestrictedTests {
    static var terms: PodTerms {
        var terms = PodTerms()
        terms.security = .restricted
        return terms
    }

    /// What of a pod breaks the standard, and a member of a `spec` that has it.
    static let podFaults = [
        #""hostNetwork": true"#, #""hostPID": true"#, #""hostIPC": true"#,
        #""securityContext": {"windowsOptions": {"hostProcess": true}}"#,
        #""securityContext": {"seLinuxOptions": {"type": "spc_t"}}"#,
        #""securityContext": {"seLinuxOptions": {"user": "system_u"}}"#,
        #""securityContext": {"appArmorProfile": {"type": "Unconfined"}}"#,
        #""securityContext": {"seccompProfile": {"type": "Unconfined"}}"#,
        #""securityContext": {"runAsNonRoot": false}"#,
        #""securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}"#,
    ]

    /// The same for a container.
    static let containerFaults = [
        #""securityContext": {"privileged": true}"#, #""securityContext": {"allowPrivilegeEscalation": true}"#,
        #""securityContext": {"procMount": "Unmasked"}"#,
        #""securityContext": {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}"#,
        #""securityContext": {"capabilities": {"drop": ["NET_RAW"]}}"#,
        #""securityContext": {"runAsNonRoot": false}"#,
        #""securityContext": {"seccompProfile": {"type": "Unconfined"}}"#,
        #""securityContext": {"appArmorProfile": {"type": "Unconfined"}}"#,
        #""securityContext": {"seLinuxOptions": {"type": "spc_t", "role": "r"}}"#,
        #""securityContext": {"windowsOptions": {"hostProcess": true}}"#,
        #""ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]"#,
        #""livenessProbe": {"httpGet": {"port": 80, "host": "10.0.0.1"}}"#,
        #""readinessProbe": {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}"#,
        #""startupProbe": {"httpGet": {"port": 80, "host": "10.0.0.1"}}"#,
        #""lifecycle": {"postStart": {"httpGet": {"port": 80, "host": "10.0.0.1"}}}"#,
        #""lifecycle": {"preStop": {"tcpSocket": {"port": 80, "host": "10.0.0.1"}}}"#,
    ]

    @Test(arguments: podFaults)
    func `whatever a pod says of itself, it meets the standard after patching`(_ fault: String) throws {
        try becomesRestricted(Pods.pod(#"{"containers": [{"name": "notebook"}], \#(fault)}"#))
    }

    @Test(arguments: containerFaults, ["containers", "initContainers", "ephemeralContainers"])
    func `whatever any container says of itself, it meets the standard after patching`(
        _ fault: String, _ list: String
    ) throws {
        let other = #"{"name": "other", \#(fault)}"#
        let lists =
            list == "containers"
            ? #""containers": [{"name": "notebook"}, \#(other)]"#
            : #""containers": [{"name": "notebook"}], "\#(list)": [\#(other)]"#
        try becomesRestricted(Pods.pod("{\(lists)}"))
    }

    private func becomesRestricted(_ pod: JSON) throws {
        let ordinary = try Pods.pod(#"{"containers": [{"name": "notebook"}]}"#)
        let own = Set(PodSecurityStandard.violations(of: pod)).subtracting(PodSecurityStandard.violations(of: ordinary))
        #expect(!own.isEmpty, "the fault is none: \(pod.text)")
        let patched = try Self.terms.patch(pod, for: Site.context())
        #expect(PodSecurityStandard.violations(of: patched.pod) == [])
        let again = try Self.terms.patch(JSON(parsing: patched.pod.bytes), for: Site.context())
        #expect(again.pod.text == patched.pod.text && again.corrected == [])
    }

    @Test func `what the standard allows stays as it came`() throws {
        let pod = try Pods.pod(
            """
            {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1 2 3"}], "fsGroup": 100,
              "seLinuxOptions": {"type": "container_t", "level": "s0:c1"}, "runAsNonRoot": true,
              "appArmorProfile": {"type": "RuntimeDefault"}, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "notebook", "securityContext": {"privileged": false, "procMount": "Default",
              "allowPrivilegeEscalation": false, "runAsNonRoot": true, "runAsUser": 1000,
              "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
              "seccompProfile": {"type": "Localhost", "localhostProfile": "n.json"}},
              "env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}],
              "livenessProbe": {"httpGet": {"port": 80, "host": ""}}, "ports": [{"containerPort": 8888, "hostPort": 0}]}]}
            """,
            metadata:
                #"{"name": "p", "annotations": {"container.apparmor.security.beta.kubernetes.io/notebook": "localhost/n"}}"#
        )
        let patched = try Self.terms.patch(pod, for: Site.context())
        #expect(patched.pod["spec"]?.text == pod["spec"]?.text)
        #expect(patched.corrected == [] && PodSecurityStandard.violations(of: patched.pod) == [])
    }

    @Test func `an AppArmor profile of the old kind is held to the standard too`() throws {
        let key = "container.apparmor.security.beta.kubernetes.io/notebook"
        let pod = try Pods.pod(
            #"{"containers": [{"name": "notebook"}]}"#,
            metadata: #"{"name": "p", "annotations": {"\#(key)": "unconfined", "a": "b"}}"#)
        let patched = try Self.terms.patch(pod, for: Site.context())
        #expect(patched.pod["metadata"]?["annotations"]?[key] == nil)
        #expect(patched.pod["metadata"]?["annotations"]?["a"] == "b")
        #expect(patched.corrected == ["annotations \(key) unconfined taken off"])
    }

    @Test func `a profile is restricted where the site is not, and the other way round`() throws {
        let pod = try Pods.named("plain")
        var context = Site.context()
        context.switches.security = .restricted
        #expect(PodSecurityStandard.violations(of: try PodTerms().patch(pod, for: context).pod) == [])
        context.switches.security = .asTheHubSays
        let patched = try Self.terms.patch(pod, for: context).pod
        #expect(
            patched.at("/spec/containers/0/securityContext")?.text == pod.at("/spec/containers/0/securityContext")?.text
        )
    }

    @Test(arguments: ["plain", "z2jh", "gpu"])
    func `pods as KubeSpawner makes them meet the standard, with Berth's own parts in them`(_ name: String) throws {
        var terms = Site.full
        terms.lxcfs = nil
        let patched = try terms.patch(Pods.named(name), for: Site.fullContext(Site.oneCard))
        #expect(PodSecurityStandard.violations(of: patched.pod) == [])
        #expect(!patched.warnings.contains { $0.contains("restricted") })
    }

    @Test func `volumes that the standard forbids stay, and are told by their types`() throws {
        let pod = try Pods.pod(
            """
            {"containers": [{"name": "notebook"}], "volumes": [{"name": "home", "nfs": {"server": "s", "path": "/h"}},
            {"name": "old", "hostPath": null, "emptyDir": {}}, {"name": "more", "nfs": {"server": "s", "path": "/m"}}]}
            """
        )
        var terms = Self.terms
        terms.lxcfs = try LXCFSTests.terms(["proc/meminfo"]).lxcfs
        let patched = try terms.patch(pod, for: Site.context())
        #expect(
            patched.pod.at("/spec")?.names("volumes", "name") == ["home", "old", "more", "berth-lxcfs-proc-meminfo"])
        #expect(
            patched.warnings == [
                "a namespace that enforces the restricted standard refuses the pod for its volumes of type nfs"
            ])
        terms.volumes = [PodTerms.Volume(["name": "site", "hostPath": ["path": "/site"]])].compactMap(\.self)
        #expect(try terms.patch(patched.pod, for: Site.context()).warnings == patched.warnings)
    }

    /// Zero to JupyterHub's `singleuser.cloudMetadata.blockWithIptables`.
    @Test func `an init container that must be root is refused by name where pods are restricted, and runs elsewhere`()
        throws
    {
        let pod = try Pods.pod(
            """
            {"initContainers": [{"name": "block-cloud-metadata", "image": "quay.io/jupyterhub/k8s-network-tools:4",
              "command": ["iptables", "--append", "OUTPUT"], "securityContext": {"runAsUser": 0, "privileged": true,
              "capabilities": {"add": ["NET_ADMIN"]}}}], "containers": [{"name": "notebook"}]}
            """
        )
        #expect(throws: PodPatchError.runsAsRoot(container: "block-cloud-metadata")) {
            try Self.terms.patch(pod, for: Site.context())
        }
        let patched = try PodTerms().patch(pod, for: SecurityTests.user).pod
        let security = patched.container("block-cloud-metadata")?["securityContext"]
        #expect(security?.text == pod.container("block-cloud-metadata")?["securityContext"]?.text)
    }
}
