// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The user's own numbers on the pod, so that every container that names none runs as the user, and on the
    /// server's container, where the hub may have put others. Any other container that names a user keeps it.
    func setIdentity(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        var report = PodReport()
        try draft.spec.edit("securityContext", at: "/spec/securityContext") { security throws(PodPatchError) in
            if let posix = context.posix {
                report.replaced(security.set("runAsUser", to: JSON(posix.uid)), "the pod's runAsUser", by: posix.uid)
                report.replaced(security.set("runAsGroup", to: JSON(posix.gid)), "the pod's runAsGroup", by: posix.gid)
                let asked = context.changes.asked(of: "supplementalGroups", at: "spec", "securityContext")
                try setGroups(in: &security, to: posix, beside: asked?.array?.compactMap(\.int) ?? [], &report)
            }
            if strictSupplementalGroups {
                let replaced = security.set("supplementalGroupsPolicy", to: "Strict")
                report.replaced(replaced, "the pod's supplementalGroupsPolicy", by: "Strict")
            }
            if fsGroup == .remove {
                report.removed(security.remove("fsGroup"), "the pod's fsGroup")
                _ = security.remove("fsGroupChangePolicy")
            }
        }
        if let posix = context.posix { try draft.server.setIdentity(posix, &report) }
        draft.report.append(report)
    }

    /// - Parameter asked: groups that the policy's changes add, which are no leftovers of the hub's.
    private func setGroups(
        in security: inout ObjectDraft,
        to posix: PosixIdentity,
        beside asked: [Int],
        _ report: inout PodReport
    ) throws(PodPatchError) {
        let key = "supplementalGroups"
        let pointer = { "/spec/securityContext/" + key }
        var present: [Int] = []
        for group in try entries(of: security[key], at: pointer()) {
            guard let number = group.int else { throw .malformed(pointer: pointer(), expected: "whole numbers") }
            present.append(number)
        }
        let others = supplementalGroups == .keep ? present : present.filter(asked.contains)
        let wanted = Set(posix.supplementalGroups + others).subtracting([posix.gid]).sorted()
        guard wanted != present else { return }
        security[key] = JSON(wanted.map { JSON($0) })
        let gone = present.filter { !wanted.contains($0) }
        if !gone.isEmpty {
            report.corrected.append("the pod's \(key) \(gone.map(String.init).joined(separator: ", ")) taken off")
        }
    }

    /// What the "restricted" Pod Security Standard asks of every container; its list of volume types is left alone,
    /// since LXCFS comes by host path.
    func restrictContainers(in draft: inout PodDraft) throws(PodPatchError) {
        guard security == .restricted else { return }
        var report = PodReport()
        for key in ["hostNetwork", "hostPID", "hostIPC"] where draft.spec[key]?.bool == true {
            report.removed(draft.spec.remove(key), "the pod's \(key)")
        }
        try draft.spec.edit("securityContext", at: "/spec/securityContext") { security throws(PodPatchError) in
            guard security["runAsUser"]?.int != 0 else { throw .runsAsRoot(container: nil) }
            try security.restrictProcess(of: "the pod", at: "/spec/securityContext", &report)
        }
        draft.report.append(report)
        try draft.eachContainer { container, report throws(PodPatchError) in
            // Berth's own are made so.
            if !container.isNew { try container.restrict(&report) }
        }
    }
}

extension ContainerDraft {
    fileprivate mutating func setIdentity(_ posix: PosixIdentity, _ report: inout PodReport) throws(PodPatchError) {
        let (name, place) = (name, place)
        try members.edit("securityContext", at: place.pointer + "/securityContext") { security in
            let user = security.set("runAsUser", to: JSON(posix.uid))
            report.replaced(user, "container \(name)'s runAsUser", by: posix.uid)
            let group = security.set("runAsGroup", to: JSON(posix.gid))
            report.replaced(group, "container \(name)'s runAsGroup", by: posix.gid)
        }
    }

    mutating func restrict(_ report: inout PodReport) throws(PodPatchError) {
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
}

extension ObjectDraft {
    private static let runtimeDefault = (["type": "RuntimeDefault"] as JSON).packed
    private static let all = (["ALL"] as JSON).packed

    /// The security context of a container that had none.
    static let restricted: JSON = {
        var report = PodReport()
        var security = ObjectDraft(object: .emptyObject)
        try? security.restrictProcess(of: "", at: "", &report)
        try? security.restrictPrivileges(of: "", at: "", &report)
        return security.json.packed
    }()

    /// What a pod's and a container's security context have in common.
    fileprivate mutating func restrictProcess(
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
    }

    /// What only a container's security context has. The API server refuses `privileged` beside a forbidden
    /// escalation, so it goes.
    fileprivate mutating func restrictPrivileges(
        of owner: @autoclosure () -> String,
        at pointer: @autoclosure () -> String,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if self["privileged"]?.bool == true { report.removed(remove("privileged"), "\(owner())'s privileged") }
        if self["procMount"]?.string == "Unmasked" { report.removed(remove("procMount"), "\(owner())'s procMount") }
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
