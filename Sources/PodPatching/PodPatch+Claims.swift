// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The reservation's claims in the pod and in the server's container, and no pool's claim anywhere else.
    func setClaims(in draft: inout PodDraft) throws(PodPatchError) {
        let wanted = draft.reserved?.claims ?? []
        if !wanted.isEmpty || !traces.claimTemplates.isEmpty {
            let gone = try setPodClaims(wanted, in: &draft)
            let names = wanted.map(\.name)
            try draft.eachContainer { container, _ throws(PodPatchError) in
                try container.setClaims(container.isServer ? names : [], without: gone + names)
            }
        }
        warnOfClaims(in: &draft, but: wanted)
    }

    /// Gives the names of the claims that went.
    private func setPodClaims(
        _ wanted: [GPUBackend.Claim], in draft: inout PodDraft
    ) throws(PodPatchError) -> [String] {
        let key = "resourceClaims"
        let present = try entries(of: draft.spec[key], at: "/spec/" + key)
        var gone: [String] = []
        var kept: [JSON] = []
        for claim in present {
            let name = claim["name"]?.string ?? ""
            if wanted.contains(where: { $0.name == name && $0.templateName == claim.claimTemplate }) {
                kept.append(claim)
            } else if isManaged(claim) || wanted.contains(where: { $0.name == name }) {
                gone.append(name)
                draft.report.corrected.append("the pod's resource claim \(name) taken off: it is not reserved for it")
            } else {
                kept.append(claim)
            }
        }
        let names = kept.map { $0["name"]?.string ?? "" }
        for claim in wanted where !names.contains(claim.name) { kept.append(claim.json) }
        if kept != present { draft.spec.setList(kept, of: key) }
        return gone
    }

    private func isManaged(_ claim: JSON) -> Bool {
        claim.claimTemplate.map(traces.claimTemplates.contains) ?? false
    }

    /// Devices that Kubernetes allocates by a claim of the hub's own are out of the ledger's sight.
    private func warnOfClaims(in draft: inout PodDraft, but reserved: [GPUBackend.Claim]) {
        let claims = (draft.spec["resourceClaims"]?.array ?? []).filter { claim in
            !reserved.contains { $0.name == claim["name"]?.string }
        }
        guard !claims.isEmpty else { return }
        let names = claims.map { $0["name"]?.string ?? "without a name" }.joined(separator: ", ")
        draft.report.warnings.append("resource claims came with the pod and are not counted: \(names)")
    }
}

extension GPUBackend.Claim {
    fileprivate var json: JSON { ["name": JSON(name), "resourceClaimTemplateName": JSON(templateName)] }
}

extension ContainerDraft {
    /// - Parameter unwanted: claims that it may not use unless they are `wanted`.
    fileprivate mutating func setClaims(_ wanted: [String], without unwanted: [String]) throws(PodPatchError) {
        guard !wanted.isEmpty || !isNew && members.present("resources") != nil else { return }
        let pointer = place.pointer + "/resources"
        try members.edit("resources", at: pointer) { resources throws(PodPatchError) in
            let present = try entries(of: resources["claims"], at: pointer + "/claims")
            var kept = present.filter { claim in
                let name = claim["name"]?.string ?? ""
                return wanted.contains(name) || !unwanted.contains(name)
            }
            for name in wanted where !kept.contains(where: { $0["name"]?.string == name }) {
                kept.append(["name": JSON(name)])
            }
            if kept != present { resources.setList(kept, of: "claims") }
        }
    }
}

extension ObjectDraft {
    /// An empty list is no member at all.
    fileprivate mutating func setList(_ entries: [JSON], of key: String) {
        if entries.isEmpty { _ = remove(key) } else { self[key] = JSON(entries) }
    }
}
