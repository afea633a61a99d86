// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// A pod taken apart where patching looks. Lists are read once; only what changes is written.
struct PodDraft {
    private var pod: ObjectDraft
    var metadata: ObjectDraft
    var spec: ObjectDraft
    var initContainers: [ContainerDraft]
    var containers: [ContainerDraft]
    private(set) var ephemeralContainers: [ContainerDraft]
    var volumes: NamedList
    var report = PodReport()
    /// What became of LXCFS, for the pod's annotation; nil where none is asked for.
    var lxcfs: String?
    /// What the pod says to get its GPU; nil for one without.
    var reserved: ReservedGPU?
    let serverIndex: Int

    /// The container that runs the user's server.
    var server: ContainerDraft {
        _read { yield containers[serverIndex] }
        _modify { yield &containers[serverIndex] }
    }

    init(_ json: JSON, server: String) throws(PodPatchError) {
        guard json.kind == .object else { throw .malformed(pointer: "", expected: "an object") }
        guard let spec = json["spec"], spec.kind == .object else {
            throw .malformed(pointer: "/spec", expected: "an object")
        }
        let metadata = try ObjectDraft(json["metadata"], at: "/metadata")
        let initContainers = try PodDraft.containers(.initContainers, of: spec, server: nil)
        let containers = try PodDraft.containers(.containers, of: spec, server: server)
        let ephemeral = try PodDraft.containers(.ephemeralContainers, of: spec, server: nil)
        let volumes = spec["volumes"]
        try requireList(volumes, at: "/spec/volumes")
        guard let index = containers.firstIndex(where: \.isServer) else { throw .containerMissing(server) }
        try PodDraft.refuseRepeatedNames(initContainers, containers, ephemeral)
        self.init(
            pod: ObjectDraft(object: json), metadata: metadata, spec: ObjectDraft(object: spec),
            initContainers: initContainers, containers: containers, ephemeralContainers: ephemeral,
            volumes: NamedList(volumes, key: "name"), serverIndex: index)
    }

    /// Apart from the reading above: an initialiser that can fail copies what it has made.
    private init(
        pod: ObjectDraft, metadata: ObjectDraft, spec: ObjectDraft, initContainers: [ContainerDraft],
        containers: [ContainerDraft], ephemeralContainers: [ContainerDraft], volumes: NamedList, serverIndex: Int
    ) {
        self.pod = pod
        self.metadata = metadata
        self.spec = spec
        self.initContainers = initContainers
        self.containers = containers
        self.ephemeralContainers = ephemeralContainers
        self.volumes = volumes
        self.serverIndex = serverIndex
    }

    private static func containers(
        _ list: ContainerDraft.List,
        of spec: JSON,
        server: String?
    ) throws(PodPatchError) -> [ContainerDraft] {
        let entries = try entries(of: spec[list.rawValue], at: "/spec/" + list.rawValue)
        guard list != .ephemeralContainers || !entries.isEmpty else { return [] }
        var drafts: [ContainerDraft] = []
        // With room for Berth's own.
        drafts.reserveCapacity(entries.count + 2)
        for index in entries.indices {
            let place = ContainerDraft.Place(list: list, index: index)
            drafts.append(try ContainerDraft(entries[index], at: place, server: server))
        }
        return drafts
    }

    private static func refuseRepeatedNames(
        _ initContainers: [ContainerDraft],
        _ containers: [ContainerDraft],
        _ ephemeral: [ContainerDraft]
    ) throws(PodPatchError) {
        for index in initContainers.indices {
            let name = initContainers[index].name
            if initContainers[..<index].place(of: name) != nil { throw .containerNameTwice(name) }
        }
        for index in containers.indices {
            let name = containers[index].name
            guard containers[..<index].place(of: name) == nil, initContainers[...].place(of: name) == nil else {
                throw .containerNameTwice(name)
            }
        }
        for index in ephemeral.indices {
            let name = ephemeral[index].name
            let others = [ephemeral[..<index], containers[...], initContainers[...]]
            if others.contains(where: { $0.place(of: name) != nil }) { throw .containerNameTwice(name) }
        }
    }

    /// All containers in the order of their start, Berth's own among them.
    mutating func eachContainer(
        _ change: (inout ContainerDraft, inout PodReport) throws(PodPatchError) -> Void
    ) throws(PodPatchError) {
        for index in initContainers.indices { try change(&initContainers[index], &report) }
        for index in containers.indices { try change(&containers[index], &report) }
        for index in ephemeralContainers.indices { try change(&ephemeralContainers[index], &report) }
    }

    /// The pod with all that was changed; the draft is not for use after that.
    mutating func finish() -> PatchedPod {
        if let json = initContainers.finish() { spec["initContainers"] = json }
        if let json = containers.finish() { spec["containers"] = json }
        if let json = ephemeralContainers.finish() { spec["ephemeralContainers"] = json }
        if volumes.isChanged { spec["volumes"] = volumes.json }
        if metadata.isChanged { pod["metadata"] = metadata.finish() }
        if spec.isChanged { pod["spec"] = spec.finish() }
        return PatchedPod(pod: pod.finish(), corrected: report.corrected, warnings: report.warnings)
    }
}

extension ArraySlice<ContainerDraft> {
    /// Where the container of that name stands; by index, since a closure would be handed a copy of each.
    func place(of name: String) -> Int? {
        // What is not even equal for `==`, which is quick for short names, is not exactly the same.
        for place in indices where self[place].name == name && self[place].name.isExactly(name) { return place }
        return nil
    }
}

extension [ContainerDraft] {
    /// The list as the pod has it from now on; nil when nothing in it changed.
    mutating func finish() -> JSON? {
        guard indices.contains(where: { self[$0].isChanged }) else { return nil }
        var list: [JSON] = []
        list.reserveCapacity(count)
        for index in indices { list.append(self[index].finish()) }
        return JSON(list)
    }
}
