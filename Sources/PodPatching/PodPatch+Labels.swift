// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The configuration's labels and annotations, the GPU backend's, and Berth's own, which tie the pod to its
    /// reservation.
    func setMetadata(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        try set(
            ownLabels(for: context, draft.reserved), over: labels, as: "labels", in: &draft, traces.labels,
            context.changes)
        try set(
            ownAnnotations(for: context, draft.reserved, lxcfs: draft.lxcfs), over: annotations, as: "annotations",
            in: &draft, traces.annotations, context.changes)
    }

    /// - Parameters:
    ///   - traces: what, like Berth's own, must not stay where neither `own` nor `base` has it.
    ///   - changes: what they say is no leftover, unless it asks for a GPU.
    private func set(
        _ own: [ReservedText],
        over base: JSON,
        as kind: String,
        in draft: inout PodDraft,
        _ traces: [PoolTraces.Trace],
        _ changes: [PodChange]
    ) throws(PodPatchError) {
        var report = PodReport()
        try draft.metadata.edit(kind, at: "/metadata/" + kind) { members in
            let isOwn = { (key: String) in own.contains { $0.key.isExactly(key) } }
            let isFirstPatch = !members.json.hasKey(beginningWith: PodKeys.prefix)
            if !isFirstPatch {
                for key in PodKeys.all where members[key] != nil && base[key] == nil && !isOwn(key) {
                    report.removed(members.remove(key), "\(kind) \(key)")
                }
            }
            for trace in traces where base[trace.key] == nil && !isOwn(trace.key) {
                guard let present = members[trace.key], trace.matches(present) else { continue }
                let isAsked = changes.asked(of: kind, at: "metadata")?[trace.key] == present
                if isAsked, !self.traces.askingAnnotations.contains(trace.key) { continue }
                report.removed(members.remove(trace.key), "\(kind) \(trace.key)")
            }
            for (key, value) in base.object ?? JSONObject() where !isOwn(key) {
                report.replaced(members.set(key, to: value), "\(kind) \(key)", by: value.plainText)
            }
            for text in own {
                if isFirstPatch, text.key.begins(with: PodKeys.prefix) {
                    members.append(text.key, JSON(text.value))
                } else {
                    let replaced = members.set(text.key, to: JSON(text.value))
                    report.replaced(replaced, "\(kind) \(text.key)", by: text.value)
                }
            }
        }
        draft.report.append(report)
    }

    /// For selection: a label's value cannot be everything that an id may be.
    private func ownLabels(for context: PodContext, _ reserved: ReservedGPU?) -> [ReservedText] {
        var own: [ReservedText] = []
        own.reserveCapacity(8)
        if isLabelValue(context.reservationID) {
            own.append(ReservedText(key: PodKeys.reservationID, value: context.reservationID))
        }
        if isLabelValue(context.profile) { own.append(ReservedText(key: PodKeys.profile, value: context.profile)) }
        if let reserved { own += reserved.labels }
        return own
    }

    private func ownAnnotations(
        for context: PodContext, _ reserved: ReservedGPU?, lxcfs: String?
    ) -> [ReservedText] {
        var own: [ReservedText] = []
        own.reserveCapacity(9)
        own.append(ReservedText(key: PodKeys.reservationID, value: context.reservationID))
        if let seal = context.seal { own.append(ReservedText(key: PodKeys.seal, value: seal)) }
        own.append(ReservedText(key: PodKeys.profile, value: context.profile))
        if let walltime = context.walltime {
            own.append(ReservedText(key: PodKeys.walltime, value: String(walltime.wholeSeconds)))
        }
        if let lxcfs { own.append(ReservedText(key: PodKeys.lxcfs, value: lxcfs)) }
        guard let gpu = context.gpu else { return own }
        if let seal = context.ownerSeal { own.append(ReservedText(key: PodKeys.ownerSeal, value: seal)) }
        own.append(ReservedText(key: PodKeys.gpuPool, value: gpu.pool.name))
        own.append(ReservedText(key: PodKeys.gpuAmount, value: gpu.amount.annotation))
        if !gpu.placement.isEmpty {
            own.append(ReservedText(key: PodKeys.gpuPlacement, value: gpu.placementAnnotation))
        }
        if let reserved { own += reserved.annotations }
        return own
    }
}

extension PodContext.GPU {
    /// `node/device=units` for each part, with commas between.
    fileprivate var placementAnnotation: String {
        var text = ""
        for part in placement {
            if !text.isEmpty { text += "," }
            text += part.node
            text += "/"
            text += part.device
            text += "="
            text += String(part.units)
        }
        return text
    }
}
