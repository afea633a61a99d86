// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// Where the pod may run: the configuration's base with the reservation's pool over it, and without what a pool
    /// put there that this pod has nothing in.
    func setPlacement(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        let pool = context.gpu?.pool
        let asked = placementAsked(in: context)
        try setNodeSelector(in: &draft, pool: pool, sparing: asked["nodeSelector"] ?? .emptyObject)
        try setTolerations(in: &draft, pool: pool, sparing: asked["tolerations"])
        try setRuntimeClass(in: &draft, pool: pool, sparing: asked["runtimeClassName"])
        setScheduler(in: &draft, sparing: asked["schedulerName"])
        if let priorityClassName {
            let replaced = draft.spec.set("priorityClassName", to: JSON(priorityClassName))
            draft.report.replaced(replaced, "the pod's priorityClassName", by: priorityClassName)
        }
    }

    /// What the start's own traits and changes say of these: none of it is a leftover, even where a pool says the same.
    private func placementAsked(in context: PodContext) -> JSON {
        var asked = context.placement
        guard !context.changes.isEmpty else { return asked }
        for key in ["nodeSelector", "tolerations", "runtimeClassName", "schedulerName"] {
            asked[key] = context.changes.asked(of: key, in: asked, at: "spec")
        }
        return asked
    }

    private func setNodeSelector(
        in draft: inout PodDraft, pool: Pool?, sparing asked: JSON
    ) throws(PodPatchError) {
        var wanted = nodeSelector.object ?? JSONObject()
        for (key, value) in pool?.nodeSelector.object ?? JSONObject() { wanted[key] = value }
        var report = PodReport()
        try draft.spec.edit("nodeSelector", at: "/spec/nodeSelector") { selector in
            for trace in traces.nodeSelectors
            where wanted[trace.key] == nil && selector[trace.key] == trace.value && asked[trace.key] != trace.value {
                report.removed(selector.remove(trace.key), "the pod's node selector \(trace.key)")
            }
            for (key, value) in wanted {
                let replaced = selector.set(key, to: value)
                report.replaced(replaced, "the pod's node selector \(key)", by: value.plainText)
            }
        }
        draft.report.append(report)
    }

    private func setTolerations(
        in draft: inout PodDraft, pool: Pool?, sparing asked: JSON?
    ) throws(PodPatchError) {
        let key = "tolerations"
        if baseTolerations.isEmpty, pool == nil, traces.tolerations.isEmpty {
            return try requireList(draft.spec[key], at: "/spec/" + key)
        }
        let present = try entries(of: draft.spec[key], at: "/spec/" + key).map(Toleration.init)
        let wanted = baseTolerations + (pool?.tolerations.array ?? []).map(Toleration.init)
        let spared = wanted + (asked?.array ?? []).map(Toleration.init)
        let strays = present.filter { !spared.contains($0) && traces.tolerations.contains($0) }
        var patched = strays.isEmpty ? present : present.filter { !strays.contains($0) }
        for toleration in wanted where !patched.contains(toleration) { patched.append(toleration) }
        guard patched != present else { return }
        draft.spec[key] = JSON(patched.map(\.json))
        for stray in strays { draft.report.corrected.append("the pod's toleration of \(stray.key) taken off") }
    }

    private func setRuntimeClass(
        in draft: inout PodDraft, pool: Pool?, sparing asked: JSON?
    ) throws(PodPatchError) {
        let key = "runtimeClassName"
        let wanted = pool?.runtimeClassName ?? runtimeClassName
        if wanted == nil, traces.runtimeClasses.isEmpty { return }
        let present = draft.spec.present(key)
        let isLeftover = present != asked && (present?.string).map(traces.runtimeClasses.contains) ?? false
        guard let wanted else {
            if isLeftover { draft.report.removed(draft.spec.remove(key), "the pod's \(key)") }
            return
        }
        if let present, !isLeftover, present.string != wanted {
            throw .runtimeClassDiffers(pod: present.plainText, wanted: wanted)
        }
        draft.report.replaced(draft.spec.set(key, to: JSON(wanted)), "the pod's \(key)", by: wanted)
    }

    /// The hub's own stays where no pool has a say.
    private func setScheduler(in draft: inout PodDraft, sparing asked: JSON?) {
        let key = "schedulerName"
        if let wanted = draft.reserved?.schedulerName {
            draft.report.replaced(draft.spec.set(key, to: JSON(wanted)), "the pod's \(key)", by: wanted)
        } else if !traces.schedulers.isEmpty, let present = draft.spec.present(key), present != asked,
            present.string.map(traces.schedulers.contains) ?? false
        {
            draft.report.removed(draft.spec.remove(key), "the pod's \(key)")
        }
    }
}
