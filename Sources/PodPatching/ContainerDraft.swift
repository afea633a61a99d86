// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One container taken apart where patching looks.
struct ContainerDraft {
    enum List: String {
        case initContainers, containers
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
    init(_ json: JSON, at place: Place, server: String?, isNew: Bool = false) throws(PodPatchError) {
        guard json.kind == .object else { throw .malformed(pointer: place.pointer, expected: "an object") }
        guard let name = json["name"]?.string else {
            throw .malformed(pointer: place.pointer + "/name", expected: "a string")
        }
        self.name = name
        self.isServer = name == server
        self.place = place
        self.members = try ObjectDraft(json, at: place.pointer)
        self.environment = try NamedList(json["env"], key: "name", at: place.pointer + "/env")
        self.mounts = try NamedList(json["volumeMounts"], key: "mountPath", at: place.pointer + "/volumeMounts")
        self.isNew = isNew
    }

    var isChanged: Bool { isNew || members.isChanged || environment.isChanged || mounts.isChanged }

    /// The container as it was, or with all that was changed.
    consuming func finished() -> JSON {
        if environment.isChanged { members["env"] = environment.json }
        if mounts.isChanged { members["volumeMounts"] = mounts.json }
        return members.json
    }
}
