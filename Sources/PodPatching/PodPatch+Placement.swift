// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// Where the pod may run: the configuration's base with the reservation's pool over it, and without what a pool
    /// put there that this pod has nothing in.
    func setPlacement(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        let pool = context.gpu?.pool
        try setNodeSelector(in: &draft, pool: pool)
        try setTolerations(in: &draft, pool: pool)
        try setRuntimeClass(in: &draft, pool: pool)
        if let priorityClassName {
            let replaced = draft.spec.set("priorityClassName", to: JSON(priorityClassName))
            draft.report.replaced(replaced, "the pod's priorityClassName", by: priorityClassName)
        }
    }

    private func setNodeSelector(in draft: inout PodDraft, pool: Pool?) throws(PodPatchError) {
        var wanted = nodeSelector.object ?? JSONObject()
        for (key, value) in pool?.nodeSelector.object ?? JSONObject() { wanted[key] = value }
        var report = PodReport()
        try draft.spec.edit("nodeSelector", at: "/spec/nodeSelector") { selector in
            for key in selector.keys where wanted[key] == nil && isLeftover(label: key, selector[key]) {
                report.removed(selector.remove(key), "the pod's node selector \(key)")
            }
            for (key, value) in wanted {
                let replaced = selector.set(key, to: value)
                report.replaced(replaced, "the pod's node selector \(key)", by: value.plainText)
            }
        }
        draft.report.append(report)
    }

    /// Some pool selects its nodes by this label.
    private func isLeftover(label key: String, _ value: JSON?) -> Bool {
        pools.contains { $0.nodeSelector[key] != nil && $0.nodeSelector[key] == value }
    }

    private func setTolerations(in draft: inout PodDraft, pool: Pool?) throws(PodPatchError) {
        let key = "tolerations"
        let wanted = (tolerations.array ?? []) + (pool?.tolerations.array ?? [])
        let wantedTolerations = wanted.map(Toleration.init)
        let strays = pools.flatMap { ($0.tolerations.array ?? []).map(Toleration.init) }
            .filter { !wantedTolerations.contains($0) }
        let present = try entries(of: draft.spec[key], at: "/spec/" + key)
        let kept = present.filter { !strays.contains(Toleration($0)) }
        var seen = kept.map(Toleration.init)
        var patched = kept
        for (toleration, json) in zip(wantedTolerations, wanted) where !seen.contains(toleration) {
            seen.append(toleration)
            patched.append(json)
        }
        guard patched.count > kept.count || kept.count < present.count else { return }
        draft.spec[key] = JSON(patched)
        for stray in present where strays.contains(Toleration(stray)) {
            draft.report.corrected.append("the pod's toleration of \(stray["key"]?.string ?? "any taint") taken off")
        }
    }

    private func setRuntimeClass(in draft: inout PodDraft, pool: Pool?) throws(PodPatchError) {
        let key = "runtimeClassName"
        let present = draft.spec.present(key)
        let isLeftover = pools.contains { $0.runtimeClassName != nil && $0.runtimeClassName == present?.string }
        guard let wanted = pool?.runtimeClassName ?? runtimeClassName else {
            if isLeftover { draft.report.removed(draft.spec.remove(key), "the pod's \(key)") }
            return
        }
        if let present, !isLeftover, present.string != wanted {
            throw .runtimeClassDiffers(pod: present.plainText, wanted: wanted)
        }
        draft.report.replaced(draft.spec.set(key, to: JSON(wanted)), "the pod's \(key)", by: wanted)
    }
}

/// A toleration by its meaning: what it leaves out has Kubernetes' default.
private struct Toleration: Hashable {
    let key, comparison, value, effect: String
    let seconds: Int?

    init(_ json: JSON) {
        self.key = json["key"]?.string ?? ""
        self.comparison = json["operator"]?.string ?? "Equal"
        self.value = json["value"]?.string ?? ""
        self.effect = json["effect"]?.string ?? ""
        self.seconds = json["tolerationSeconds"]?.int
    }
}
