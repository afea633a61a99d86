// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// What the "restricted" Pod Security Standard asks, on every container that the pod has or will have.
    ///
    /// Only its list of volume types is told and not enforced: a pod without its home, or LXCFS, would be another one.
    func restrict(_ draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard (context.switches.security ?? security) == .restricted else { return }
        try draft.restrictPod()
        draft.restrictAnnotations()
        try draft.eachContainer { container, report throws(PodPatchError) in
            // Berth's own are made so.
            if !container.isNew { try container.restrict(&report) }
        }
    }

    /// Volumes of types that a namespace with the standard refuses the pod for. Of those that the configuration brings,
    /// LXCFS's among them, `berth check` tells once.
    func warnOfVolumes(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard (context.switches.security ?? security) == .restricted else { return }
        var found: [String] = []
        // As they came: Berth's own are of types that the standard allows.
        for volume in try entries(of: draft.spec["volumes"], at: "/spec/volumes")
        where !volume.allMembers(Self.isAllowedInVolume) && !isConfigured(volume) {
            let types = volume.keys.filter { !volume.isNull(at: $0) }
            for type in types where Self.isForbiddenVolumeType(type) && !found.contains(type) {
                found.append(type)
            }
        }
        guard !found.isEmpty else { return }
        draft.report.warnings.append(
            "a namespace that enforces the restricted standard refuses the pod for its volumes of type "
                + found.joined(separator: ", "))
    }

    private func isConfigured(_ volume: JSON) -> Bool {
        guard let name = volume["name"]?.string else { return false }
        return volumes.contains { $0.name == name } || lxcfs?.volumes.place(of: name) != nil
    }

    private static func isAllowedInVolume(_ member: JSONMember) -> Bool {
        member.isKey("name") || restrictedVolumeTypes.contains(where: member.isKey(named:))
    }

    /// Whether a volume with this key beside its name is one that the standard forbids.
    package static func isForbiddenVolumeType(_ key: String) -> Bool {
        key != "name" && !restrictedVolumeTypes.contains(key)
    }

    /// <https://kubernetes.io/docs/concepts/security/pod-security-standards/>, "Volume Types"; `image` by
    /// k8s.io/pod-security-admission 1.37.
    private static let restrictedVolumeTypes = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
        "secret",
    ]
}

extension PodDraft {
    fileprivate mutating func restrictPod() throws(PodPatchError) {
        var report = PodReport()
        for key in ["hostNetwork", "hostPID", "hostIPC"] where spec[key]?.bool == true {
            report.removed(spec.remove(key), "the pod's \(key)")
        }
        try spec.edit("securityContext", at: "/spec/securityContext") { security throws(PodPatchError) in
            guard security["runAsUser"]?.int != 0 else { throw .runsAsRoot(container: nil) }
            try security.restrictProcess(of: "the pod", at: "/spec/securityContext", &report)
            try security.restrictSysctls(&report)
        }
        self.report.append(report)
    }

    /// Before Kubernetes 1.30 AppArmor's profiles stood there, one for each container.
    fileprivate mutating func restrictAnnotations() {
        let start = "container.apparmor.security.beta.kubernetes.io/"
        guard let annotations = metadata["annotations"], annotations.hasKey(beginningWith: start) else { return }
        var kept = annotations
        for (key, value) in annotations.object ?? JSONObject() where key.hasPrefix(start) {
            let profile = value.string ?? ""
            if profile.isEmpty || profile == "runtime/default" || profile.hasPrefix("localhost/") { continue }
            kept[key] = nil
            report.removed(value, "annotations \(key)")
        }
        if kept != annotations { metadata["annotations"] = kept }
    }
}

extension ObjectDraft {
    /// The API server takes others too, and the kubelet then refuses the pod unless it was told of them.
    fileprivate mutating func restrictSysctls(_ report: inout PodReport) throws(PodPatchError) {
        let present = try entries(of: self["sysctls"], at: "/spec/securityContext/sysctls")
        let allowed = present.filter { ObjectDraft.safeSysctls.contains($0["name"]?.string ?? "") }
        guard allowed.count < present.count else { return }
        self["sysctls"] = allowed.isEmpty ? nil : JSON(allowed)
        for sysctl in present where !allowed.contains(sysctl) {
            report.corrected.append("the pod's sysctl \(sysctl["name"]?.string ?? "without a name") taken off")
        }
    }

    /// The standard's list as of Kubernetes 1.37; an older cluster refuses the newest of them itself.
    private static let safeSysctls: Set<String> = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "net.ipv4.tcp_slow_start_after_idle",
        "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
    ]
}

extension JSON {
    fileprivate func isNull(at key: String) -> Bool { self[key]?.isNull ?? true }
}
