// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// What NFS makes of a user's own numbers: told, since only the site can mend it.
    func warnOfNFS(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let posix = context.posix else { return }
        let hasOwnUsers = draft.spec["hostUsers"]?.bool == false
        if hasOwnUsers, let id = ([posix.uid, posix.gid] + posix.supplementalGroups).first(where: { $0 > 65_535 }) {
            draft.report.warnings.append("hostUsers is false, and id \(id) is above 65535: the pod cannot have it")
        }
        let volumes = try nfsVolumes(of: draft)
        guard !volumes.isEmpty else { return }
        if hasOwnUsers {
            draft.report.warnings.append("hostUsers is false, and NFS cannot be mounted in a user namespace")
        }
        let unseen = draft.unseenGroups(of: posix)
        if !unseen.isEmpty {
            draft.report.warnings.append(
                "the user has more than \(NFS.groupsMax) groups, and NFS carries no more: without `manage-gids` its "
                    + "server does not see \(unseen.map(String.init).joined(separator: ", "))")
        }
        for mount in try draft.server.mounts(of: volumes) where mount["subPath"] != nil || mount["subPathExpr"] != nil {
            let path = mount["mountPath"]?.string ?? ""
            draft.report.warnings.append(
                "\(path) is a subPath on NFS, which the kubelet prepares as root: a server that squashes root refuses "
                    + "it where the folder is the user's alone")
        }
    }

    private func nfsVolumes(of draft: PodDraft) throws(PodPatchError) -> Set<String> {
        var names: Set<String> = []
        for volume in try entries(of: draft.volumes.json, at: "/spec/volumes") where isNFS(volume) {
            if let name = volume["name"]?.string { names.insert(name) }
        }
        return names
    }

    private func isNFS(_ volume: JSON) -> Bool {
        volume["nfs"]?.kind == .object || volume["csi"]?["driver"]?.string == "nfs.csi.k8s.io"
            || (claimsAreNFS && volume["persistentVolumeClaim"]?.kind == .object)
    }
}

private enum NFS {
    /// RFC 5531, 8.2 and appendix A: `gids<16>` of `authsys_parms`, whatever NFS's version.
    static let groupsMax = 16
}

extension PodDraft {
    /// The groups that the node leaves out: the kernel sorts a process's groups and sends the first, so that it is the
    /// highest numbers that go, in whatever order the pod has them. Container runtimes count the primary group among
    /// them.
    fileprivate func unseenGroups(of posix: PosixIdentity) -> [Int] {
        let own = spec["securityContext"]?["supplementalGroups"]?.array?.compactMap(\.int) ?? []
        return Set(own + [posix.gid]).sorted().dropFirst(NFS.groupsMax).filter { $0 != posix.gid }
    }
}

extension ContainerDraft {
    fileprivate func mounts(of volumes: Set<String>) throws(PodPatchError) -> [JSON] {
        try entries(of: mounts.json, at: place.pointer + "/volumeMounts").filter { mount in
            mount["name"]?.string.map(volumes.contains) ?? false
        }
    }
}
