// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// The "restricted" Pod Security Standard, written from its text and from nothing of ours:
/// <https://kubernetes.io/docs/concepts/security/pod-security-standards/>, the controls of "baseline" and those of
/// "restricted", as of Kubernetes 1.37.
enum PodSecurityStandard {
    /// One sentence for each control that the pod breaks.
    static func violations(of pod: JSON) -> [String] {
        let spec = pod["spec"] ?? .null
        let context = spec["securityContext"] ?? .null
        let containers = ["containers", "initContainers", "ephemeralContainers"].flatMap { spec[$0]?.array ?? [] }
        var broken = namespaces(spec) + volumes(spec) + sysctls(context) + annotations(pod)
        broken += both(context, "the pod")
        for container in containers {
            let name = container["name"]?.string ?? "?"
            let own = container["securityContext"] ?? .null
            broken += both(own, name) + privileges(own, name) + inherited(own, from: context, name)
            broken += hosts(container, name)
        }
        return broken
    }

    // MARK: - The pod

    private static func namespaces(_ spec: JSON) -> [String] {
        ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.bool == true }.map { "\($0) is true" }
    }

    private static func volumes(_ spec: JSON) -> [String] {
        let allowed: Set = [
            "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
            "projected", "secret",
        ]
        return (spec["volumes"]?.array ?? []).flatMap(\.keys).filter { !allowed.contains($0) }.map {
            "a volume is \($0)"
        }
    }

    private static func sysctls(_ context: JSON) -> [String] {
        let allowed: Set = [
            "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
            "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
        ]
        return (context["sysctls"]?.array ?? []).compactMap { $0["name"]?.string }.filter { !allowed.contains($0) }
            .map { "sysctl \($0)" }
    }

    private static func annotations(_ pod: JSON) -> [String] {
        (pod["metadata"]?["annotations"]?.object ?? JSONObject()).filter { annotation in
            let value = annotation.value.string ?? ""
            return annotation.key.hasPrefix("container.apparmor.security.beta.kubernetes.io/")
                && !(value.isEmpty || value == "runtime/default" || value.hasPrefix("localhost/"))
        }.map { "annotation \($0.key)" }
    }

    // MARK: - The pod's context and each container's

    private static func both(_ context: JSON, _ owner: String) -> [String] {
        var broken: [String] = []
        if context["windowsOptions"]?["hostProcess"]?.bool == true { broken.append("hostProcess") }
        if let uid = context["runAsUser"]?.int, uid == 0 { broken.append("runAsUser 0") }
        if context["runAsNonRoot"]?.bool == false { broken.append("runAsNonRoot false") }
        let linux = context["seLinuxOptions"] ?? .null
        if !["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]
            .contains(linux["type"]?.string ?? "")
        {
            broken.append("SELinux type")
        }
        if !(linux["user"]?.string ?? "").isEmpty || !(linux["role"]?.string ?? "").isEmpty {
            broken.append("SELinux user or role")
        }
        if let type = context["appArmorProfile"]?["type"]?.string, !["RuntimeDefault", "Localhost"].contains(type) {
            broken.append("AppArmor \(type)")
        }
        if let type = context["seccompProfile"]?["type"]?.string, !["RuntimeDefault", "Localhost"].contains(type) {
            broken.append("seccomp \(type)")
        }
        return broken.map { "\(owner): \($0)" }
    }

    // MARK: - Containers

    private static func privileges(_ context: JSON, _ owner: String) -> [String] {
        var broken: [String] = []
        if context["privileged"]?.bool == true { broken.append("privileged") }
        if context["allowPrivilegeEscalation"]?.bool != false { broken.append("may escalate") }
        if let mount = context["procMount"]?.string, mount != "Default" { broken.append("procMount \(mount)") }
        let capabilities = context["capabilities"] ?? .null
        if capabilities["drop"]?.array?.contains("ALL") != true { broken.append("does not drop ALL") }
        if (capabilities["add"]?.array ?? []).contains(where: { $0 != "NET_BIND_SERVICE" }) { broken.append("adds") }
        return broken.map { "\(owner): \($0)" }
    }

    /// Undefined in a container is allowed where the pod says it.
    private static func inherited(_ own: JSON, from pod: JSON, _ owner: String) -> [String] {
        var broken: [String] = []
        if (own["runAsNonRoot"]?.bool ?? pod["runAsNonRoot"]?.bool) != true { broken.append("may run as root") }
        if own["seccompProfile"]?["type"] == nil, pod["seccompProfile"]?["type"] == nil { broken.append("no seccomp") }
        return broken.map { "\(owner): \($0)" }
    }

    private static func hosts(_ container: JSON, _ owner: String) -> [String] {
        var broken: [String] = []
        for port in container["ports"]?.array ?? [] where (port["hostPort"]?.int ?? 0) != 0 {
            broken.append("a host port")
        }
        let hooks = ["postStart", "preStop"].compactMap { container["lifecycle"]?[$0] }
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"].compactMap { container[$0] }
        for action in (hooks + probes).flatMap({ [$0["httpGet"], $0["tcpSocket"]] }) {
            if !(action?["host"]?.string ?? "").isEmpty { broken.append("a check of another host") }
        }
        return broken.map { "\(owner): \($0)" }
    }
}
