// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One container taken apart where patching looks.
struct ContainerDraft {
    enum List: String {
        case initContainers, containers
        /// Added to a running pod, by way of the API server only.
        case ephemeralContainers
    }

    /// Where the container stands in the pod.
    struct Place {
        let list: List
        let index: Int

        var pointer: String { "/spec/\(list.rawValue)/\(index)" }
    }

    let name: String
    let isServer: Bool
    let place: Place
    var members: ObjectDraft
    var environment: NamedList
    var mounts: NamedList
    let isNew: Bool

    /// - Parameter server: the name of the container that runs the user's server, where it may be in this list.
    init(_ json: JSON, at place: Place, server: String?) throws(PodPatchError) {
        guard let (name, environment, mounts) = json.members("name", "env", "volumeMounts") else {
            throw .malformed(pointer: place.pointer, expected: "an object")
        }
        guard let name = name?.string else { throw .malformed(pointer: place.pointer + "/name", expected: "a string") }
        try requireList(environment, at: place.pointer + "/env")
        try requireList(mounts, at: place.pointer + "/volumeMounts")
        self.name = name
        if let server { self.isServer = name.isExactly(server) } else { self.isServer = false }
        self.place = place
        self.members = ObjectDraft(object: json)
        self.environment = NamedList(environment, key: "name")
        self.mounts = NamedList(mounts, key: "mountPath")
        self.isNew = false
    }

    /// A container that was not in the pod, without an environment and mounts yet.
    init(new members: ObjectDraft, named name: String, at place: Place) {
        self.name = name
        self.isServer = false
        self.place = place
        self.members = members
        self.environment = NamedList(nil, key: "name")
        self.mounts = NamedList(nil, key: "mountPath")
        self.isNew = true
    }

    var isChanged: Bool { isNew || members.isChanged || environment.isChanged || mounts.isChanged }

    /// The container as it was, or with all that was changed.
    mutating func finish() -> JSON {
        write(environment, as: "env")
        write(mounts, as: "volumeMounts")
        return members.finish()
    }

    private mutating func write(_ list: NamedList, as key: String) {
        guard list.isChanged else { return }
        if list.isAbsent { members.append(key, list.json) } else { members[key] = list.json }
    }
}
