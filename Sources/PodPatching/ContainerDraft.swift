// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// One container taken apart where patching looks.
struct ContainerDraft {
    enum List: String {
        case initContainers, containers
    }

    let name: String
    let isServer: Bool
    var members: ObjectDraft
    var environment: NamedList
    var mounts: NamedList
    let list: List
    private let index: Int
    private let isNew: Bool

    /// - Parameter server: the name of the container that runs the user's server, where it may be in this list.
    init(
        _ json: JSON,
        in list: List,
        at index: Int,
        server: String?,
        isNew: Bool = false
    ) throws(PodPatchError) {
        let pointer = { "/spec/\(list.rawValue)/\(index)" }
        guard json.kind == .object else { throw .malformed(pointer: pointer(), expected: "an object") }
        guard let name = json["name"]?.string else {
            throw .malformed(pointer: pointer() + "/name", expected: "a string")
        }
        self.name = name
        self.isServer = name == server
        self.members = try ObjectDraft(json, at: pointer())
        self.environment = try NamedList(json["env"], key: "name", at: pointer() + "/env")
        self.mounts = try NamedList(json["volumeMounts"], key: "mountPath", at: pointer() + "/volumeMounts")
        self.list = list
        self.index = index
        self.isNew = isNew
    }

    var pointer: String { "/spec/\(list.rawValue)/\(index)" }

    var isChanged: Bool { isNew || members.isChanged || environment.isChanged || mounts.isChanged }

    var json: JSON {
        var finished = members
        if environment.isChanged { finished["env"] = environment.json }
        if mounts.isChanged { finished["volumeMounts"] = mounts.json }
        return finished.json
    }
}
