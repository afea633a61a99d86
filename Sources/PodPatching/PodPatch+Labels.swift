// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The configuration's labels and annotations, and Berth's own, which tie the pod to its reservation.
    func setMetadata(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        try set(ownLabels(for: context), over: labels, as: "labels", in: &draft, [])
        try set(
            ownAnnotations(for: context, lxcfs: draft.lxcfs), over: annotations, as: "annotations", in: &draft,
            traces.annotations)
    }

    /// - Parameter poolKeys: keys that, like Berth's own, must not stay where neither `own` nor `base` has them.
    private func set(
        _ own: [KeyedText],
        over base: JSON,
        as kind: String,
        in draft: inout PodDraft,
        _ poolKeys: [String]
    ) throws(PodPatchError) {
        var report = PodReport()
        try draft.metadata.edit(kind, at: "/metadata/" + kind) { members in
            let isOwn = { (key: String) in own.contains { $0.key.isExactly(key) } }
            let isFirstPatch =
                !members.json.hasKey(beginningWith: PodKeys.prefix) && poolKeys.allSatisfy { members[$0] == nil }
            if !isFirstPatch {
                for key in PodKeys.all + poolKeys where members[key] != nil && base[key] == nil && !isOwn(key) {
                    report.removed(members.remove(key), "\(kind) \(key)")
                }
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
    private func ownLabels(for context: PodContext) -> [KeyedText] {
        var own: [KeyedText] = []
        own.reserveCapacity(2)
        if isLabelValue(context.reservationID) { own.append(KeyedText(PodKeys.reservationID, context.reservationID)) }
        if isLabelValue(context.profile) { own.append(KeyedText(PodKeys.profile, context.profile)) }
        return own
    }

    private func ownAnnotations(for context: PodContext, lxcfs: String?) -> [KeyedText] {
        var own: [KeyedText] = []
        own.reserveCapacity(8)
        own.append(KeyedText(PodKeys.reservationID, context.reservationID))
        if let seal = context.seal { own.append(KeyedText(PodKeys.seal, seal)) }
        own.append(KeyedText(PodKeys.profile, context.profile))
        if let walltime = context.walltime { own.append(KeyedText(PodKeys.walltime, String(walltime.wholeSeconds))) }
        if let lxcfs { own.append(KeyedText(PodKeys.lxcfs, lxcfs)) }
        guard let gpu = context.gpu else { return own }
        own.append(KeyedText(PodKeys.gpuPool, gpu.pool.name))
        own.append(KeyedText(PodKeys.gpuAmount, gpu.amount.annotation))
        if !gpu.placement.isEmpty { own.append(KeyedText(PodKeys.gpuPlacement, gpu.placementAnnotation)) }
        if let limit = gpu.limitAnnotation { own.append(limit) }
        return own
    }
}

/// A label or an annotation.
private struct KeyedText {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension GPUAmount {
    /// `cards=2`, `mig-instances=1`, `request=10240Mi,limit=20480Mi`.
    fileprivate var annotation: String {
        switch self {
        case .cards(let count): "cards=" + String(count)
        case .migInstances(let count): "mig-instances=" + String(count)
        case .share(let request, let limit): "request=" + request.description + ",limit=" + limit.description
        }
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

    /// Where the pool's backend reads the most that a share may use.
    fileprivate var limitAnnotation: KeyedText? {
        guard let annotation = pool.limitAnnotation, case .share(_, let limit) = amount else { return nil }
        return KeyedText(
            annotation.key, annotation.template.filled("{limit_mib}", with: String(limit.count)))
    }
}
