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
        let wanted = wantedSidecars(sidecars, for: context)
        guard !wanted.isEmpty else { return }
        let user = try draft.server.user(in: draft.spec)
        try draft.addCredential(sidecars, for: context)
        for sidecar in wanted {
            if case .token(let token) = sidecar { try draft.prepareToken(token, for: user) }
            try draft.add(sidecars, sidecar, running: user, for: context)
        }
    }

    private func wantedSidecars(_ sidecars: Sidecars, for context: PodContext) -> [Sidecar] {
        var wanted: [Sidecar] = []
        if let token = context.token, !sidecars.tokenCommand.isEmpty { wanted.append(.token(token)) }
        if let walltime = context.walltime, !sidecars.walltimeCommand.isEmpty { wanted.append(.walltime(walltime)) }
        return wanted
    }
}

/// What one of Berth's containers is for.
private enum Sidecar {
    case walltime(Duration)
    case token(TokenHandOff)

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
        case .token(let token): [(PodKeys.tokenFile, token.file), (PodKeys.tokenAudience, token.audience)]
        }
    }
}

extension Sidecar {
    /// Where the sidecar stands in its list: at the end if it is new.
    fileprivate func place(
        in own: inout [ContainerDraft],
        _ list: ContainerDraft.List,
        notIn other: [ContainerDraft],
        _ sidecars: PodTerms.Sidecars
    ) throws(PodPatchError) -> Int {
        guard !other.contains(where: { $0.name == name }) else { throw .containerNameTaken(name) }
        if let index = own.firstIndex(where: { $0.name == name }) {
            let present = own[index].members
            guard present["image"]?.string == sidecars.image, present["command"] == command(sidecars) else {
                throw .containerNameTaken(name)
            }
            return index
        }
        let json: JSON = ["name": JSON(name), "image": JSON(sidecars.image), "command": command(sidecars)]
        own.append(try ContainerDraft(json, at: .init(list: list, index: own.count), server: nil, isNew: true))
        return own.count - 1
    }
}

extension PodDraft {
    /// A memory volume that the server's container reads and the token's container writes.
    fileprivate mutating func prepareToken(_ token: TokenHandOff, for user: ProcessUser) throws(PodPatchError) {
        let directory = try token.directory()
        let memory: JSON = ["medium": "Memory", "sizeLimit": "1Mi"]
        try add(["name": JSON(PodKeys.tokenVolume), "emptyDir": memory], named: PodKeys.tokenVolume)
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

    /// Adds the container, or puts right the one that stands there from an earlier patch.
    fileprivate mutating func add(
        _ sidecars: PodTerms.Sidecars,
        _ sidecar: Sidecar,
        running user: ProcessUser,
        for context: PodContext
    ) throws(PodPatchError) {
        if sidecars.areNative {
            let index = try sidecar.place(in: &initContainers, .initContainers, notIn: containers, sidecars)
            try initContainers[index].fill(sidecars, sidecar, user, for: context, &report)
        } else {
            let index = try sidecar.place(in: &containers, .containers, notIn: initContainers, sidecars)
            try containers[index].fill(sidecars, sidecar, user, for: context, &report)
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

extension ContainerDraft {
    fileprivate mutating func fill(
        _ sidecars: PodTerms.Sidecars,
        _ sidecar: Sidecar,
        _ user: ProcessUser,
        for context: PodContext,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        if place.list == .initContainers { _ = members.set("restartPolicy", to: "Always") }
        if let policy = sidecars.imagePullPolicy { _ = members.set("imagePullPolicy", to: JSON(policy)) }
        let credentialFile = PodKeys.credentialDirectory + "/token"
        setOwn(PodKeys.berthURL, to: sidecars.berthURL)
        setOwn(PodKeys.reservationVariable, to: context.reservationID)
        setOwn(PodKeys.credentialFile, to: credentialFile)
        for (name, value) in sidecar.environment { setOwn(name, to: value) }
        try setResources(sidecars.resources)
        try setUser(user)
        try mountFor(sidecar)
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

    /// The token's file is readable by its owner only, so its writer runs as its reader does; a reader who is root
    /// reads it anyway.
    private mutating func setUser(_ user: ProcessUser) throws(PodPatchError) {
        let place = place
        try members.edit("securityContext", at: place.pointer + "/securityContext") { security in
            if let uid = user.uid, uid > 0 { _ = security.set("runAsUser", to: JSON(uid)) }
            if let gid = user.gid { _ = security.set("runAsGroup", to: JSON(gid)) }
            _ = security.set("readOnlyRootFilesystem", to: true)
        }
    }

    private mutating func mountFor(_ sidecar: Sidecar) throws(PodPatchError) {
        let directory = PodKeys.credentialDirectory
        try mount(
            ["name": JSON(PodKeys.credentialVolume), "mountPath": JSON(directory), "readOnly": true],
            at: directory
        )
        if case .token(let token) = sidecar {
            let directory = try token.directory()
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
}

extension TokenHandOff {
    /// Everything else in the directory is hidden by the volume, so the file must stand two levels deep or more.
    fileprivate func directory() throws(PodPatchError) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = !parts.dropFirst().contains { $0.isEmpty || $0 == "." || $0 == ".." }
        guard file.hasPrefix("/"), parts.count >= 4, isPlain else { throw .tokenFile(file) }
        return parts.dropLast().joined(separator: "/")
    }
}

extension PodTerms.Sidecars {
    fileprivate func secretName(for reservation: String) -> String {
        credentialSecret.filled("{reservation_id}", with: dnsLabel(reservation, atMost: 200))
    }
}
