// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    /// The configuration's labels and annotations, and Berth's own, which tie the pod to its reservation.
    func setMetadata(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        try set(ownLabels(for: context), over: labels, as: "labels", in: &draft, PodKeys.all)
        try set(ownAnnotations(for: context), over: annotations, as: "annotations", in: &draft, traces.annotations)
    }

    /// - Parameter leftovers: keys that must not stay where neither `own` nor `base` has them.
    private func set(
        _ own: [(key: String, value: String)],
        over base: JSON,
        as kind: String,
        in draft: inout PodDraft,
        _ leftovers: [String]
    ) throws(PodPatchError) {
        var report = PodReport()
        try draft.metadata.edit(kind, at: "/metadata/" + kind) { members in
            let isOwn = { (key: String) in own.contains { $0.key.isExactly(key) } }
            for key in leftovers where members[key] != nil && base[key] == nil && !isOwn(key) {
                report.removed(members.remove(key), "\(kind) \(key)")
            }
            for (key, value) in base.object ?? JSONObject() where !isOwn(key) {
                report.replaced(members.set(key, to: value), "\(kind) \(key)", by: value.plainText)
            }
            for (key, value) in own {
                report.replaced(members.set(key, to: JSON(value)), "\(kind) \(key)", by: value)
            }
        }
        draft.report.append(report)
    }

    /// For selection: a label's value cannot be everything that an id may be.
    private func ownLabels(for context: PodContext) -> [(key: String, value: String)] {
        [(PodKeys.reservationID, context.reservationID), (PodKeys.profile, context.profile)]
            .filter { isLabelValue($0.1) }
    }

    private func ownAnnotations(for context: PodContext) -> [(key: String, value: String)] {
        var own = [(key: PodKeys.reservationID, value: context.reservationID), (PodKeys.profile, context.profile)]
        if let walltime = context.walltime { own.append((PodKeys.walltime, String(walltime.wholeSeconds))) }
        guard let gpu = context.gpu else { return own }
        own.append((PodKeys.gpuPool, gpu.pool.name))
        own.append((PodKeys.gpuAmount, gpu.amount.annotation))
        if !gpu.placement.isEmpty { own.append((PodKeys.gpuPlacement, gpu.placementAnnotation)) }
        if let limit = gpu.limitAnnotation { own.append(limit) }
        return own
    }
}

extension GPUAmount {
    /// `cards=2`, `mig-instances=1`, `request=10240Mi,limit=20480Mi`.
    fileprivate var annotation: String {
        switch self {
        case .cards(let count): "cards=\(count)"
        case .migInstances(let count): "mig-instances=\(count)"
        case .share(let request, let limit): "request=" + request.description + ",limit=" + limit.description
        }
    }
}

extension PodContext.GPU {
    /// `node/device=units` for each part, with commas between.
    fileprivate var placementAnnotation: String {
        placement.map { "\($0.node)/\($0.device)=\($0.units)" }.joined(separator: ",")
    }

    /// Where the pool's backend reads the most that a share may use.
    fileprivate var limitAnnotation: (key: String, value: String)? {
        guard let annotation = pool.limitAnnotation, case .share(_, let limit) = amount else { return nil }
        return (annotation.key, annotation.template.filled("{limit_mib}", with: String(limit.count)))
    }
}

/// `text` has 1 to 63 letters, digits, `-`, `_` and `.`, and starts and ends with a letter or digit.
private func isLabelValue(_ text: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
    func isInner(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy(isInner)
}
