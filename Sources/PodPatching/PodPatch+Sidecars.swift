// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The containers that Berth brings, after all others of their list, with what they need of volumes.
    func addSidecars(to draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let parts = sidecarParts else {
            if !context.tokens.isEmpty {
                draft.report.warnings.append("no token is handed over: there are no sidecars")
            }
            return
        }
        let wanted = try wantedSidecars(parts, for: context)
        guard !wanted.isEmpty else { return }
        let user = try draft.serverUser()
        try draft.add(parts.credentialVolume(for: context.reservationID), named: PodKeys.credentialVolume)
        let environment = parts.environment(for: context)
        draft.separateProcesses()
        for sidecar in wanted {
            switch sidecar {
            case .token(let handOff): try draft.prepare(handOff, for: user)
            case .walltime: try draft.prepareWalltimeNotices()
            }
            let list = draft.list(of: sidecar, areNative: parts.sidecars.areNative(in: context.cluster))
            try draft.add(sidecar, to: list, of: parts, running: user, environment)
        }
    }

    /// The Secret that the pod's sidecars read their credential from, and its key there; nil where it has no sidecars.
    package func credentialSecret(for context: PodContext) -> (name: String, key: String)? {
        guard let parts = sidecarParts, let wanted = try? wantedSidecars(parts, for: context), !wanted.isEmpty else {
            return nil
        }
        return (parts.secretName(for: context.reservationID), parts.sidecars.credentialKey)
    }

    private func wantedSidecars(
        _ parts: SidecarParts,
        for context: PodContext
    ) throws(PodPatchError) -> [Sidecar] {
        var wanted: [Sidecar] = []
        if !context.tokens.isEmpty, !parts.sidecars.tokenCommand.isEmpty {
            wanted.append(.token(try TokenFiles(context.tokens)))
        }
        if context.walltime != nil || context.idle != nil, !parts.sidecars.walltimeCommand.isEmpty {
            wanted.append(.walltime(context.walltime))
        }
        return wanted
    }
}

/// What one of Berth's containers is for.
private enum Sidecar {
    /// Nil where only being unused ends the server.
    case walltime(Duration?)
    case token(TokenFiles)

    var name: String {
        switch self {
        case .walltime: PodKeys.walltimeContainer
        case .token: PodKeys.tokenContainer
        }
    }

    func container(_ parts: SidecarParts) -> SidecarParts.Container {
        switch self {
        case .walltime: parts.walltime
        case .token: parts.token
        }
    }
}

extension Sidecar {
    /// Where the sidecar stands in its list from an earlier patch; nil when it has to be made.
    fileprivate func place(
        in own: [ContainerDraft],
        _ parts: SidecarParts
    ) throws(PodPatchError) -> Int? {
        guard let place = own[...].place(of: name) else { return nil }
        guard own[place].members["image"]?.string == parts.sidecars.image,
            own[place].members["command"] == container(parts).command
        else { throw .containerNameTaken(name) }
        return place
    }

    /// A new container, but for its environment and its mounts.
    fileprivate func made(
        at place: ContainerDraft.Place,
        _ parts: SidecarParts,
        _ user: ProcessUser
    ) throws(PodPatchError) -> ContainerDraft {
        var members = ObjectDraft(object: container(parts).new(in: place.list))
        members.append("securityContext", user.securityContext)
        return ContainerDraft(new: members, named: name, at: place)
    }
}

extension PodDraft {
    /// By way of a span, which hands out the container without a copy.
    fileprivate func serverUser() throws(PodPatchError) -> ProcessUser {
        try containers.span[serverIndex].user(in: spec)
    }

    /// Memory volumes that the server's container reads and the tokens' container writes.
    fileprivate mutating func prepare(_ tokens: TokenFiles, for user: ProcessUser) throws(PodPatchError) {
        for (volume, directory) in tokens.volumes {
            try add(["name": JSON(volume), "emptyDir": PodDraft.memory], named: volume)
            try server.mount(
                ["name": JSON(volume), "mountPath": JSON(directory), "readOnly": true], at: directory)
        }
        let variable = PodTerms.EnvironmentVariable(PodKeys.bearerTokenFile, tokens.first)
        try server.set(variable.json, named: variable.name)
        if server.environment.contains(PodKeys.bearerToken) {
            report.warnings.append("\(PodKeys.bearerToken) came with the pod and hides the token's file")
        }
        if user.uid == nil {
            report.warnings.append("the pod does not say which user reads the token's file, so it may be unreadable")
        }
    }

    private static let memory = (["medium": "Memory", "sizeLimit": "1Mi"] as JSON).packed

    /// A sidecar stays in the list where an earlier patch put it, whatever is known of the cluster by now.
    fileprivate func list(of sidecar: Sidecar, areNative: Bool) -> ContainerDraft.List {
        if initContainers[...].place(of: sidecar.name) != nil { return .initContainers }
        if containers[...].place(of: sidecar.name) != nil { return .containers }
        return areNative ? .initContainers : .containers
    }

    /// Adds the container, or puts right the one that stands there from an earlier patch.
    fileprivate mutating func add(
        _ sidecar: Sidecar,
        to list: ContainerDraft.List,
        of parts: SidecarParts,
        running user: ProcessUser,
        _ environment: NamedEntries
    ) throws(PodPatchError) {
        if list == .initContainers {
            let place = try sidecar.place(in: initContainers, parts)
            try initContainers.add(sidecar, to: list, at: place, parts, user, environment, &report)
        } else {
            let place = try sidecar.place(in: containers, parts)
            try containers.add(sidecar, to: list, at: place, parts, user, environment, &report)
        }
    }
}

extension [ContainerDraft] {
    /// - Parameter place: where the container stands already.
    fileprivate mutating func add(
        _ sidecar: Sidecar,
        to list: ContainerDraft.List,
        at place: Int?,
        _ parts: SidecarParts,
        _ user: ProcessUser,
        _ environment: NamedEntries,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if let place {
            try self[place].putRight(parts.sidecars, user, &report)
        } else {
            append(try sidecar.made(at: ContainerDraft.Place(list: list, index: count), parts, user))
        }
        try self[place ?? count - 1].prepare(sidecar, environment)
    }
}

extension ContainerDraft {
    /// The environment and the mounts, whether the container is new or not.
    ///
    /// - Parameter shared: what all sidecars of a pod have in their environment.
    fileprivate mutating func prepare(_ sidecar: Sidecar, _ shared: NamedEntries) throws(PodPatchError) {
        for variable in shared.names.indices {
            _ = environment.keepOnly(shared.json[variable], named: shared.names[variable])
        }
        switch sidecar {
        case .walltime(let span):
            if let span { setOwn(PodKeys.walltimeVariable, to: String(span.wholeSeconds)) }
            setOwn(PodKeys.noticeVariable, to: PodKeys.noticeDirectory)
        case .token(let tokens):
            setOwn(PodKeys.tokens, to: tokens.list)
        }
        try mountFor(sidecar)
    }

    /// All that `made` gives a new one.
    fileprivate mutating func putRight(
        _ sidecars: PodTerms.Sidecars,
        _ user: ProcessUser,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if place.list == .initContainers { _ = members.set("restartPolicy", to: "Always") }
        if let policy = sidecars.imagePullPolicy { _ = members.set("imagePullPolicy", to: JSON(policy)) }
        try setResources(sidecars.resources)
        try setUser(user)
        try restrict(&report)
    }

    private mutating func setResources(_ amounts: PodTerms.Sidecars.Resources) throws(PodPatchError) {
        let place = place
        try members.edit("resources", at: place.pointer + "/resources") { resources throws(PodPatchError) in
            try resources.edit("requests", at: place.pointer + "/resources/requests") { requests in
                requests.setQuantity(amounts.cpuRequest, of: "cpu")
                requests.setQuantity(amounts.memoryRequest, of: "memory")
            }
            try resources.edit("limits", at: place.pointer + "/resources/limits") { limits in
                limits.setQuantity(amounts.cpuLimit, of: "cpu")
                limits.setQuantity(amounts.memoryLimit, of: "memory")
            }
        }
    }

    private mutating func setUser(_ user: ProcessUser) throws(PodPatchError) {
        let place = place
        try members.edit("securityContext", at: place.pointer + "/securityContext") { security in
            for (key, value) in ProcessUser.ids(user.uid, user.gid) { _ = security.set(key, to: value) }
            _ = security.set("readOnlyRootFilesystem", to: true)
        }
    }

    private static let credentialMount: JSON = {
        let mount: JSON = [
            "name": JSON(PodKeys.credentialVolume), "mountPath": JSON(PodKeys.credentialDirectory), "readOnly": true,
        ]
        return mount.packed
    }()

    private mutating func mountFor(_ sidecar: Sidecar) throws(PodPatchError) {
        try mount(ContainerDraft.credentialMount, at: PodKeys.credentialDirectory)
        switch sidecar {
        case .token(let tokens):
            for (volume, directory) in tokens.volumes {
                try mount(["name": JSON(volume), "mountPath": JSON(directory)], at: directory)
            }
        case .walltime:
            try mount(ContainerDraft.writableNotices, at: PodKeys.noticeDirectory)
        }
    }

    /// The numbers that the container's processes run under, as far as the pod says them.
    fileprivate func user(in spec: ObjectDraft) throws(PodPatchError) -> ProcessUser {
        let own = try ObjectDraft(members["securityContext"], at: place.pointer + "/securityContext")
        let pod = try ObjectDraft(spec["securityContext"], at: "/spec/securityContext")
        return ProcessUser(
            uid: own["runAsUser"]?.int ?? pod["runAsUser"]?.int,
            gid: own["runAsGroup"]?.int ?? pod["runAsGroup"]?.int
        )
    }
}

private struct ProcessUser {
    let uid: Int?
    let gid: Int?
    /// A new sidecar's.
    let securityContext: JSON

    init(uid: Int?, gid: Int?) {
        self.uid = uid
        self.gid = gid
        if uid ?? 0 == 0, gid == nil {
            self.securityContext = ProcessUser.anyUsers
            return
        }
        var security = ProcessUser.ids(uid, gid)
        security["readOnlyRootFilesystem"] = true
        security.merge(ObjectDraft.restricted.object ?? [:])
        self.securityContext = JSON(security)
    }

    /// Where the pod leaves it to the image who runs.
    private static let anyUsers: JSON = {
        var security: JSONObject = ["readOnlyRootFilesystem": true]
        security.merge(ObjectDraft.restricted.object ?? [:])
        return JSON(security).packed
    }()

    /// The token's file is readable by its owner only, so its writer runs as its reader does; a reader who is root
    /// reads it anyway.
    static func ids(_ uid: Int?, _ gid: Int?) -> JSONObject {
        var ids = JSONObject()
        ids.reserve(8)
        if let uid, uid > 0 { ids["runAsUser"] = JSON(uid) }
        if let gid { ids["runAsGroup"] = JSON(gid) }
        return ids
    }
}

extension SidecarParts {
    fileprivate func environment(for context: PodContext) -> NamedEntries {
        let reservation = PodTerms.EnvironmentVariable(PodKeys.reservationVariable, context.reservationID)
        var environment = NamedEntries()
        for variable in [urlVariable, reservation, credentialFileVariable] {
            environment.append(variable.json, named: variable.name)
        }
        return environment
    }
}
