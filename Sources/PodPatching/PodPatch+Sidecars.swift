// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The containers that Berth brings, after all others of their list, with what they need of volumes.
    func addSidecars(to draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let sidecars else {
            if context.token != nil { draft.report.warnings.append("no token is handed over: there are no sidecars") }
            return
        }
        let wanted = try wantedSidecars(sidecars, for: context)
        guard !wanted.isEmpty else { return }
        let user = try draft.server.user(in: draft.spec)
        try draft.addCredential(sidecars, for: context)
        let environment = sidecars.environment(for: context)
        for sidecar in wanted {
            if case .token(let token, let directory) = sidecar {
                try draft.prepareToken(token, in: directory, for: user)
            }
            try draft.add(sidecars, sidecar, running: user, environment)
        }
    }

    private func wantedSidecars(
        _ sidecars: Sidecars,
        for context: PodContext
    ) throws(PodPatchError) -> [Sidecar] {
        var wanted: [Sidecar] = []
        if let token = context.token, !sidecars.tokenCommand.isEmpty {
            wanted.append(.token(token, directory: try token.directory()))
        }
        if let walltime = context.walltime, !sidecars.walltimeCommand.isEmpty { wanted.append(.walltime(walltime)) }
        return wanted
    }
}

/// What one of Berth's containers is for.
private enum Sidecar {
    case walltime(Duration)
    /// The directory is the one of the token's file.
    case token(TokenHandOff, directory: String)

    var name: String {
        switch self {
        case .walltime: PodKeys.walltimeContainer
        case .token: PodKeys.tokenContainer
        }
    }

    func command(_ sidecars: PodTerms.Sidecars) -> JSON {
        switch self {
        case .walltime: JSON(sidecars.walltimeCommand.map { JSON($0) })
        case .token: JSON(sidecars.tokenCommand.map { JSON($0) })
        }
    }

    var environment: [(name: String, value: String)] {
        switch self {
        case .walltime(let span): [(PodKeys.walltimeVariable, String(span.wholeSeconds))]
        case .token(let token, _): [(PodKeys.tokenFile, token.file), (PodKeys.tokenAudience, token.audience)]
        }
    }
}

extension Sidecar {
    /// Where the sidecar stands in its list from an earlier patch; nil when it has to be made.
    fileprivate func place(
        in own: [ContainerDraft],
        notIn other: [ContainerDraft],
        _ sidecars: PodTerms.Sidecars
    ) throws(PodPatchError) -> Int? {
        guard other.place(of: name) == nil else { throw .containerNameTaken(name) }
        guard let place = own.place(of: name) else { return nil }
        guard own[place].members["image"]?.string == sidecars.image,
            own[place].members["command"] == command(sidecars)
        else { throw .containerNameTaken(name) }
        return place
    }

    /// A new container, but for its environment and its mounts.
    fileprivate func made(
        at place: ContainerDraft.Place,
        _ sidecars: PodTerms.Sidecars,
        _ user: ProcessUser
    ) throws(PodPatchError) -> ContainerDraft {
        var json: JSONObject = [
            "name": JSON(name), "image": JSON(sidecars.image), "command": command(sidecars),
        ]
        json.reserve(9)
        if place.list == .initContainers { json["restartPolicy"] = "Always" }
        if let policy = sidecars.imagePullPolicy { json["imagePullPolicy"] = JSON(policy) }
        json["resources"] = sidecars.resourcesJSON
        json["securityContext"] = user.securityContext
        return try ContainerDraft(JSON(json), at: place, server: nil, isNew: true)
    }
}

extension PodDraft {
    /// A memory volume that the server's container reads and the token's container writes.
    fileprivate mutating func prepareToken(
        _ token: TokenHandOff,
        in directory: String,
        for user: ProcessUser
    ) throws(PodPatchError) {
        try add(PodDraft.memoryVolume, named: PodKeys.tokenVolume)
        try server.mount(
            ["name": JSON(PodKeys.tokenVolume), "mountPath": JSON(directory), "readOnly": true],
            at: directory
        )
        let variable = PodTerms.EnvironmentVariable(PodKeys.bearerTokenFile, token.file)
        try server.set(variable.json, named: variable.name)
        if server.environment.contains(PodKeys.bearerToken) {
            report.warnings.append("\(PodKeys.bearerToken) came with the pod and hides the token's file")
        }
        if user.uid == nil {
            report.warnings.append("the pod does not say which user reads the token's file, so it may be unreadable")
        }
    }

    private static let memoryVolume = (["name": JSON(PodKeys.tokenVolume), "emptyDir": memory] as JSON).packed
    private static let memory: JSON = ["medium": "Memory", "sizeLimit": "1Mi"]

    /// Adds the container, or puts right the one that stands there from an earlier patch.
    fileprivate mutating func add(
        _ sidecars: PodTerms.Sidecars,
        _ sidecar: Sidecar,
        running user: ProcessUser,
        _ environment: [NamedEntry]
    ) throws(PodPatchError) {
        if sidecars.areNative {
            let place = try sidecar.place(in: initContainers, notIn: containers, sidecars)
            try initContainers.add(sidecar, to: .initContainers, at: place, sidecars, user, environment, &report)
        } else {
            let place = try sidecar.place(in: containers, notIn: initContainers, sidecars)
            try containers.add(sidecar, to: .containers, at: place, sidecars, user, environment, &report)
        }
    }

    /// The sidecars' own credential comes from a Secret, so that no manifest holds it.
    fileprivate mutating func addCredential(
        _ sidecars: PodTerms.Sidecars,
        for context: PodContext
    ) throws(PodPatchError) {
        let secret = sidecars.secretName(for: context.reservationID)
        let items: JSON = [["key": JSON(sidecars.credentialKey), "path": "token"]]
        try add(
            ["name": JSON(PodKeys.credentialVolume), "secret": ["secretName": JSON(secret), "items": items]],
            named: PodKeys.credentialVolume
        )
    }
}

extension [ContainerDraft] {
    /// - Parameter place: where the container stands already.
    fileprivate mutating func add(
        _ sidecar: Sidecar,
        to list: ContainerDraft.List,
        at place: Int?,
        _ sidecars: PodTerms.Sidecars,
        _ user: ProcessUser,
        _ environment: [NamedEntry],
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if let place {
            try self[place].putRight(sidecars, user, &report)
        } else {
            append(try sidecar.made(at: ContainerDraft.Place(list: list, index: count), sidecars, user))
        }
        try self[place ?? count - 1].prepare(sidecar, environment)
    }
}

extension ContainerDraft {
    /// The environment and the mounts, whether the container is new or not.
    ///
    /// - Parameter shared: what all sidecars of a pod have in their environment.
    fileprivate mutating func prepare(_ sidecar: Sidecar, _ shared: [NamedEntry]) throws(PodPatchError) {
        for variable in shared { _ = environment.keepOnly(variable.json, named: variable.name) }
        for (name, value) in sidecar.environment { setOwn(name, to: value) }
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
        if case .token(_, let directory) = sidecar {
            try mount(["name": JSON(PodKeys.tokenVolume), "mountPath": JSON(directory)], at: directory)
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
        var security = ProcessUser.ids(uid, gid)
        security["readOnlyRootFilesystem"] = true
        security.merge(ObjectDraft.restricted)
        self.securityContext = JSON(security)
    }

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

extension TokenHandOff {
    /// Everything else in the directory is hidden by the volume, so the file must stand two levels deep or more.
    fileprivate func directory() throws(PodPatchError) -> String {
        let parts = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = !parts.dropFirst().contains { part in
            part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
        }
        guard parts.count >= 4, parts[0].isEmpty, isPlain else { throw .tokenFile(file) }
        return String(file[..<parts[parts.count - 2].endIndex])
    }
}

extension PodTerms.Sidecars {
    fileprivate func environment(for context: PodContext) -> [NamedEntry] {
        [
            PodTerms.EnvironmentVariable(PodKeys.berthURL, berthURL),
            PodTerms.EnvironmentVariable(PodKeys.reservationVariable, context.reservationID),
            PodTerms.EnvironmentVariable(PodKeys.credentialFile, PodKeys.credentialDirectory + "/token"),
        ].map { NamedEntry(name: $0.name, json: $0.json) }
    }

    fileprivate func secretName(for reservation: String) -> String {
        credentialSecret.filled("{reservation_id}", with: dnsLabel(reservation, atMost: 200))
    }
}
