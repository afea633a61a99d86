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
            if removesFSGroup(for: context) {
                report.removed(security.remove("fsGroup"), "the pod's fsGroup")
                _ = security.remove("fsGroupChangePolicy")
            }
        }
        if let posix = context.posix { try draft.server.setIdentity(posix, &report) }
        draft.report.append(report)
    }

    private func removesFSGroup(for context: PodContext) -> Bool {
        guard let fsGroup else {
            return context.posix != nil && context.changes.asked(of: "fsGroup", at: "spec", "securityContext") == nil
        }
        return fsGroup == .remove
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
}
