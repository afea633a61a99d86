// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// What the backend asks for on the server's container, and no other GPU resource on any; every container without
    /// one is told that it sees no GPU.
    func setGPU(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        if let gpu = context.gpu { draft.reserved = try ReservedGPU(gpu, in: context, container: container) }
        let reserved = draft.reserved
        let managed = managedResources
        try draft.eachContainer { container, report throws(PodPatchError) in
            let own = container.isServer ? reserved : nil
            let resources = own?.resources ?? []
            if !resources.isEmpty || container.asksForResource(of: managed) {
                try container.setGPU(resources, managed: managed, &report)
            }
            container.setVisibleDevices(holdsGPU: own != nil, &report)
            container.setEnvironment(own?.environment ?? [], traces.environment, &report)
            if container.isServer, reserved == nil { container.removeEnvironment(gpuEnvironment, &report) }
        }
        try setClaims(in: &draft)
    }

    var managedResources: ManagedResources {
        ManagedResources(prefixes: gpuResourcePrefixes, names: traces.resources)
    }
}

/// The resources that only a reservation gives.
struct ManagedResources {
    private let prefixes: [String]
    private let names: [String]
    /// No managed name is shorter, which lets most others pass at once: `cpu`, `memory`.
    private let lengthMin: Int

    init(prefixes: [String], names: [String]) {
        self.prefixes = prefixes
        self.names = names
        var lengthMin = Int.max
        for text in prefixes { lengthMin = min(lengthMin, text.utf8.count) }
        for text in names { lengthMin = min(lengthMin, text.utf8.count) }
        self.lengthMin = lengthMin
    }

    func contains(_ name: String) -> Bool {
        prefixes.contains { name.begins(with: $0) } || names.contains { name.isExactly($0) }
    }

    func contains(_ amount: JSONMember) -> Bool {
        guard amount.keyLength >= lengthMin else { return false }
        for prefix in prefixes where amount.keyBegins(with: prefix) { return true }
        for name in names where amount.isKey(named: name) { return true }
        return false
    }
}

extension ContainerDraft {
    /// Something in its requests or limits is managed, or is not as it should be.
    fileprivate func asksForResource(of managed: ManagedResources) -> Bool {
        // As it came, since no earlier step adds any.
        !isNew
            && !members.original.allMembers { member in
                !member.isKey("resources") || member.allMembers { $0.allMembers { !managed.contains($0) } }
            }
    }

    /// Requests and limits are written alike, as Kubernetes demands for devices.
    fileprivate mutating func setGPU(
        _ reserved: [ReservedText],
        managed: ManagedResources,
        _ report: inout PodReport
    ) throws(PodPatchError) {
        let (name, place) = (name, place)
        var gone: [String] = []
        try members.edit("resources", at: place.pointer + "/resources") { resources throws(PodPatchError) in
            for kind in ["limits", "requests"] {
                guard !reserved.isEmpty || resources.present(kind) != nil else { continue }
                try resources.edit(kind, at: "\(place.pointer)/resources/\(kind)") { amounts in
                    gone += amounts.removeResources(of: managed, but: reserved)
                    for resource in reserved {
                        report.replaced(
                            amounts.setQuantity(resource.value, of: resource.key),
                            "container \(name)'s \(kind) of \(resource.key)",
                            by: resource.value
                        )
                    }
                }
            }
        }
        for (index, resource) in gone.enumerated() where !gone[..<index].contains(resource) {
            report.corrected.append("container \(name)'s \(resource) taken off: it is not reserved for it")
        }
    }

    /// `void` once and nothing else, or nothing at all where the device plugin says which devices are visible.
    fileprivate mutating func setVisibleDevices(holdsGPU: Bool, _ report: inout PodReport) {
        let variable = PodKeys.visibleDevices
        guard environment.contains(variable) else {
            if !holdsGPU { environment.append(NamedEntries.noDevices) }
            return
        }
        let replaced =
            holdsGPU
            ? environment.removeAll(variable)
            : environment.keepOnly(NamedEntries.noDevices.json[0], named: variable)
        guard let first = replaced.first else { return }
        let value = first["value"]?.string ?? "from elsewhere"
        report.corrected.append(
            "container \(name)'s \(variable) \(value) \(holdsGPU ? "taken off" : "replaced by void")"
        )
    }

    /// What the backend says, and nothing that a pool's backend said to an earlier pod.
    fileprivate mutating func setEnvironment(
        _ wanted: [ReservedText], _ traces: [PoolTraces.Trace], _ report: inout PodReport
    ) {
        for trace in traces where !wanted.contains(where: { $0.key == trace.key }) {
            guard let present = environment.first(trace.key), trace.matches(present["value"] ?? .null) else { continue }
            _ = environment.removeAll(trace.key)
            report.corrected.append("container \(name)'s \(trace.key) taken off: it is not reserved for it")
        }
        for variable in wanted where setOwn(variable.key, to: variable.value) {
            report.corrected.append("container \(name)'s \(variable.key) replaced by \(variable.value)")
        }
    }

    fileprivate mutating func removeEnvironment(_ variables: [String], _ report: inout PodReport) {
        for variable in variables where !environment.removeAll(variable).isEmpty {
            report.corrected.append("container \(name)'s \(variable) taken off: the pod has no GPU")
        }
    }
}

extension NamedEntries {
    fileprivate static let noDevices = NamedEntries([
        (PodKeys.visibleDevices, PodTerms.EnvironmentVariable(PodKeys.visibleDevices, "void").json)
    ])
}

extension ObjectDraft {
    /// Gives the names of the resources that went.
    fileprivate mutating func removeResources(of managed: ManagedResources, but kept: [ReservedText]) -> [String] {
        var names: [String] = []
        _ = json.allMembers { resource in
            if managed.contains(resource), !kept.contains(where: { resource.isKey(named: $0.key) }) {
                names.append(resource.key)
            }
            return true
        }
        for name in names { self[name] = nil }
        return names
    }

    /// Leaves a quantity of the same size as it is spelt; gives the one that this replaced.
    @discardableResult
    mutating func setQuantity(_ quantity: String, of resource: String) -> JSON? {
        if let present = present(resource), let size = Quantity(present), size == Quantity(quantity) { return nil }
        return set(resource, to: JSON(quantity))
    }
}
