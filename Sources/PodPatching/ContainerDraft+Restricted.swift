// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension ContainerDraft {
    /// What the "restricted" Pod Security Standard asks of one container.
    mutating func restrict(_ report: inout PodReport) throws(PodPatchError) {
        try closeHostPorts(&report)
        try keepChecksInThePod(&report)
        guard members["securityContext"] != nil else {
            return members.append("securityContext", ObjectDraft.restricted)
        }
        let (name, place) = (name, place)
        try members.edit("securityContext", at: place.pointer + "/securityContext") { security throws(PodPatchError) in
            guard security["runAsUser"]?.int != 0 else { throw .runsAsRoot(container: name) }
            let owner = { "container \(name)" }
            let pointer = { place.pointer + "/securityContext" }
            try security.restrictProcess(of: owner(), at: pointer(), &report)
            try security.restrictPrivileges(of: owner(), at: pointer(), &report)
        }
    }

    private mutating func closeHostPorts(_ report: inout PodReport) throws(PodPatchError) {
        guard let ports = members.present("ports") else { return }
        var closed = ports
        for (index, port) in try entries(of: ports, at: place.pointer + "/ports").enumerated() {
            guard let number = port["hostPort"]?.int, number != 0 else { continue }
            closed[index]?["hostPort"] = nil
            report.corrected.append("container \(name)'s hostPort \(number) taken off")
        }
        if closed != ports { members["ports"] = closed }
    }

    /// A probe or a hook with a `host` of its own has the kubelet call whomever it names, from the node's network.
    private mutating func keepChecksInThePod(_ report: inout PodReport) throws(PodPatchError) {
        // As it came, since no earlier step changes these members: one walk is enough for most containers.
        if members.original.allMembers(ContainerDraft.staysInThePod) { return }
        let (owner, place) = ("container \(name)", place)
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where members.present(probe) != nil {
            try members.edit(probe, at: "\(place.pointer)/\(probe)") { probe throws(PodPatchError) in
                try probe.keepInThePod(owner, at: place.pointer, &report)
            }
        }
        guard members.present("lifecycle") != nil else { return }
        try members.edit("lifecycle", at: place.pointer + "/lifecycle") { lifecycle throws(PodPatchError) in
            for hook in ["postStart", "preStop"] where lifecycle.present(hook) != nil {
                try lifecycle.edit(hook, at: "\(place.pointer)/lifecycle/\(hook)") { hook throws(PodPatchError) in
                    try hook.keepInThePod(owner, at: place.pointer, &report)
                }
            }
        }
    }

    /// No probe or hook, or one that names no host.
    private static func staysInThePod(_ member: JSONMember) -> Bool {
        if member.isKey("lifecycle") { return member.allMembers { hook in hook.allMembers(namesNoHost) } }
        let isProbe = member.isKey("livenessProbe") || member.isKey("readinessProbe") || member.isKey("startupProbe")
        return !isProbe || member.allMembers(namesNoHost)
    }

    private static func namesNoHost(_ way: JSONMember) -> Bool {
        !way.isKey("httpGet") && !way.isKey("tcpSocket") || way.allMembers { !$0.isKey("host") }
    }
}

extension ObjectDraft {
    private static let runtimeDefault = (["type": "RuntimeDefault"] as JSON).packed
    private static let all = (["ALL"] as JSON).packed
    private static let seLinuxTypes: Set<String> = [
        "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
    ]

    /// The security context of a container that had none.
    static let restricted: JSON = {
        var report = PodReport()
        var security = ObjectDraft(object: .emptyObject)
        try? security.restrictProcess(of: "", at: "", &report)
        try? security.restrictPrivileges(of: "", at: "", &report)
        return security.json.packed
    }()

    fileprivate mutating func keepInThePod(
        _ owner: String, at pointer: String, _ report: inout PodReport
    ) throws(PodPatchError) {
        for way in ["httpGet", "tcpSocket"] where present(way) != nil {
            try edit(way, at: "\(pointer)/\(way)") { action in
                guard let host = action.present("host")?.string, !host.isEmpty else { return }
                report.removed(action.remove("host"), "the host of \(owner)'s check")
            }
        }
    }

    /// What a pod's and a container's security context have in common.
    mutating func restrictProcess(
        of owner: @autoclosure () -> String,
        at pointer: @autoclosure () -> String,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        report.replaced(set("runAsNonRoot", to: true), "\(owner())'s runAsNonRoot", by: true)
        let seccomp = try ObjectDraft(self["seccompProfile"], at: pointer() + "/seccompProfile")
        switch seccomp.present("type")?.string {
        case "RuntimeDefault", "Localhost": break
        case let other:
            self["seccompProfile"] = ObjectDraft.runtimeDefault
            if let other { report.corrected.append("\(owner())'s seccomp profile \(other) replaced by RuntimeDefault") }
        }
        try restrictNodeOptions(of: owner(), at: pointer(), &report)
    }

    /// What the node's own mandatory access control and Windows have; rarely there.
    private mutating func restrictNodeOptions(
        of owner: @autoclosure () -> String,
        at pointer: @autoclosure () -> String,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if present("seLinuxOptions") != nil {
            try edit("seLinuxOptions", at: pointer() + "/seLinuxOptions") { options in
                for key in ["user", "role"] where options.present(key)?.string != "" {
                    report.removed(options.remove(key), "\(owner())'s SELinux \(key)")
                }
                if let type = options.present("type")?.string, !ObjectDraft.seLinuxTypes.contains(type) {
                    report.removed(options.remove("type"), "\(owner())'s SELinux type")
                }
            }
        }
        if let profile = present("appArmorProfile")?["type"]?.string, profile == "Unconfined" {
            self["appArmorProfile"] = nil
            report.corrected.append("\(owner())'s AppArmor profile Unconfined taken off")
        }
        if present("windowsOptions")?["hostProcess"]?.bool == true {
            try edit("windowsOptions", at: pointer() + "/windowsOptions") { options in
                report.removed(options.remove("hostProcess"), "\(owner())'s hostProcess")
            }
        }
    }

    /// What only a container's security context has. The API server refuses `privileged` beside a forbidden
    /// escalation, so it goes.
    mutating func restrictPrivileges(
        of owner: @autoclosure () -> String,
        at pointer: @autoclosure () -> String,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if self["privileged"]?.bool == true { report.removed(remove("privileged"), "\(owner())'s privileged") }
        if let mount = present("procMount")?.string, mount != "Default" {
            report.removed(remove("procMount"), "\(owner())'s procMount")
        }
        let escalation = set("allowPrivilegeEscalation", to: false)
        report.replaced(escalation, "\(owner())'s allowPrivilegeEscalation", by: false)
        try edit("capabilities", at: pointer() + "/capabilities") { capabilities throws(PodPatchError) in
            let added = try entries(of: capabilities["add"], at: pointer() + "/capabilities/add")
            let allowed = added.filter { $0.string == "NET_BIND_SERVICE" }
            if allowed.count < added.count {
                capabilities["add"] = allowed.isEmpty ? nil : JSON(allowed)
                report.corrected.append("\(owner())'s added capabilities taken off")
            }
            let dropped = try entries(of: capabilities["drop"], at: pointer() + "/capabilities/drop")
            if !dropped.contains(where: { $0.string == "ALL" }) { capabilities["drop"] = ObjectDraft.all }
        }
    }
}
