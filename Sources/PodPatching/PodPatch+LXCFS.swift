// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// LXCFS's files over the kernel's in every container, on nodes that have them; or why not.
    func mountLXCFS(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let lxcfs, context.switches.lxcfs ?? true else { return }
        if !draft.isMounting(lxcfs),
            let obstacle = lxcfs.nodes.obstacle(for: draft.spec.json, among: context.cluster.nodes)
        {
            return try draft.leaveOut(lxcfs, obstacle)
        }
        try draft.add(lxcfs.volumes)
        try draft.eachContainer { container, report in container.mount(lxcfs, &report) }
        if let label = lxcfs.nodes.label { try draft.requireNode(label) }
        draft.lxcfs = "mounted"
    }
}

extension PodTerms.LXCFS.File {
    /// One of the two files that tell how many CPUs there are.
    fileprivate var isOfCPUPair: Bool {
        mountPath == "/" + PodTerms.LXCFS.cpuInfo || mountPath == "/" + PodTerms.LXCFS.onlineCPUs
    }
}

extension ContainerDraft {
    /// A path where the container has a mount of its own is left alone.
    fileprivate mutating func mount(_ lxcfs: PodTerms.LXCFS, _ report: inout PodReport) {
        guard mounts.containsAny(of: lxcfs.mounts.names, orWith: UInt8(ascii: "/")) else {
            return mounts.append(lxcfs.mounts)
        }
        var leavesCPUsAlone = false
        var missing: [PodTerms.LXCFS.File] = []
        for file in lxcfs.files {
            guard let present = mounted(at: file.mountPath) else {
                missing.append(file)
                continue
            }
            if present["name"]?.string == file.volume { continue }
            leavesCPUsAlone = leavesCPUsAlone || file.isOfCPUPair
            report.warnings.append("container \(name) has its own mount at \(file.mountPath)")
        }
        for file in missing where !(leavesCPUsAlone && file.isOfCPUPair) {
            append(file.mountJSON, at: file.mountPath)
        }
    }
}

extension PodDraft {
    /// Patched so before: what is known of the nodes by now does not undo it.
    fileprivate mutating func isMounting(_ lxcfs: PodTerms.LXCFS) -> Bool {
        guard let file = lxcfs.files.first, let present = volumes.first(file.volume) else { return false }
        return present.says(file.volumeJSON)
    }

    fileprivate mutating func leaveOut(_ lxcfs: PodTerms.LXCFS, _ obstacle: String) throws(PodPatchError) {
        switch lxcfs.nodes.otherwise {
        case .refuse: throw .lxcfsNowhere(obstacle)
        case .leaveOut:
            self.lxcfs = "left-out: " + obstacle
            report.warnings.append("LXCFS is left out: " + obstacle)
        }
    }

    /// Keeps the pod to nodes with `label`, whatever else its terms of affinity ask.
    fileprivate mutating func requireNode(_ label: PodTerms.LXCFS.Nodes.Label) throws(PodPatchError) {
        let node = "nodeAffinity"
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let pointer = { "/spec/affinity/\(node)/\(required)" }
        try spec.edit("affinity", at: "/spec/affinity") { affinity throws(PodPatchError) in
            try affinity.edit(node, at: "/spec/affinity/\(node)") { affinity throws(PodPatchError) in
                try affinity.edit(required, at: pointer()) { selector throws(PodPatchError) in
                    try selector.require(label, at: pointer() + "/nodeSelectorTerms")
                }
            }
        }
    }
}

extension ObjectDraft {
    /// Terms are alternatives, so the label goes into each; one without any requirement matches no node and stays so.
    fileprivate mutating func require(
        _ label: PodTerms.LXCFS.Nodes.Label,
        at pointer: @autoclosure () -> String
    ) throws(PodPatchError) {
        let key = "nodeSelectorTerms"
        var terms = try entries(of: self[key], at: pointer())
        if terms.isEmpty {
            self[key] = [["matchExpressions": [label.requirement]]]
            return
        }
        var isNew = false
        for index in terms.indices {
            var term = try ObjectDraft(terms[index], at: "\(pointer())/\(index)")
            var requirements = try entries(of: term["matchExpressions"], at: "\(pointer())/\(index)/matchExpressions")
            let matchesNone = requirements.isEmpty && term["matchFields"]?.array?.isEmpty ?? true
            if matchesNone || requirements.contains(where: { $0.says(label.requirement) }) { continue }
            requirements.append(label.requirement)
            term["matchExpressions"] = JSON(requirements)
            terms[index] = term.json
            isNew = true
        }
        if isNew { self[key] = JSON(terms) }
    }
}
