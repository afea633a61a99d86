// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension PodTerms {
    func setVolumes(in draft: inout PodDraft) throws(PodPatchError) {
        for volume in volumes { try draft.add(volume.json, named: volume.name) }
        guard !volumeMounts.isEmpty || !volumeMountsEverywhere.isEmpty else { return }
        var known = draft.volumes
        try draft.server.mount(volumeMounts, of: &known)
        guard !volumeMountsEverywhere.isEmpty else { return }
        try draft.eachContainer { container, _ throws(PodPatchError) in
            try container.mount(volumeMountsEverywhere, of: &known)
        }
    }
}

extension PodDraft {
    /// Adds a volume, unless it stands there already.
    mutating func add(_ volume: JSON, named name: String) throws(PodPatchError) {
        guard let present = volumes.first(name) else { return volumes.append(volume, named: name) }
        guard present.says(volume) else { throw .volumeNameTaken(name) }
    }
}

extension PodDraft {
    /// Adds volumes, unless they stand there already.
    mutating func add(_ added: NamedEntries) throws(PodPatchError) {
        guard volumes.containsAny(of: added.names) else { return volumes.append(added) }
        for index in added.names.indices { try add(added.json[index], named: added.names[index]) }
    }
}

extension ContainerDraft {
    fileprivate mutating func mount(
        _ mounts: [PodTerms.VolumeMount],
        of volumes: inout NamedList
    ) throws(PodPatchError) {
        for mount in mounts {
            guard volumes.contains(mount.volume) else {
                throw .volumeMissing(volume: mount.volume, container: name)
            }
            try self.mount(mount.json, at: mount.path)
        }
    }

    /// Adds a mount, unless it stands there already.
    mutating func mount(_ mount: JSON, at path: String) throws(PodPatchError) {
        guard let present = mounted(at: path) else { return append(mount, at: path) }
        guard present.sayingMount(mount) else { throw .mountPathTaken(path: path, container: name) }
    }

    /// Adds a mount where nothing is mounted.
    mutating func append(_ mount: JSON, at path: String) { mounts.append(mount, named: path.withoutTrailingSlash) }

    /// What is mounted at `path`, with a slash at its end or without.
    mutating func mounted(at path: String) -> JSON? {
        mounts.first(path.withoutTrailingSlash, orWith: UInt8(ascii: "/"))
    }
}

extension JSON {
    /// `says`, where the slash at a path's end does not count.
    fileprivate func sayingMount(_ wanted: JSON) -> Bool {
        if says(wanted) { return true }
        var other = self
        other["mountPath"] = wanted["mountPath"]
        return other.says(wanted)
    }
}

extension String {
    fileprivate var withoutTrailingSlash: String {
        utf8.count > 1 && utf8.last == UInt8(ascii: "/") ? String(dropLast()) : self
    }
}
