// SPDX-License-Identifier: Apache-2.0
package import JSONTree
import SpawnModel

/// A pod as it should be made, and what was found in it on the way.
package struct PatchedPod: Sendable, Hashable {
    package let pod: JSON
    /// Sentences for the log: what was taken off or replaced. Empty when the pod is patched again.
    package let corrected: [String]
    /// Sentences for the log: what an operator should look at.
    package let warnings: [String]
}

extension PodTerms {
    /// `pod` with everything in place that the configuration and the reservation ask for.
    ///
    /// What is not asked for stays as it came, byte for byte and in its order. Patching the result again changes
    /// nothing, and a container that another webhook has added since gets what every container gets.
    package func patch(_ pod: JSON, for context: PodContext) throws(PodPatchError) -> PatchedPod {
        var draft = try begun(pod, for: context)
        return try finish(&draft, for: context)
    }

    /// Up to where the overlay is mounted: all ids are in their place.
    func begun(_ pod: JSON, for context: PodContext) throws(PodPatchError) -> PodDraft {
        // What is changed is parsed anew, once: every step looks into parsed text.
        let pod = context.changes.isEmpty ? pod : try changed(pod, by: context.changes).packed
        var draft = try PodDraft(pod, server: container)

        try setIdentity(in: &draft, for: context)
        try addSidecars(to: &draft, for: context)
        try restrict(&draft, for: context)
        try setGPU(in: &draft, for: context)
        try setPlacement(in: &draft, for: context)
        try setVolumes(in: &draft)
        return draft
    }

    /// The draft is not for use after that.
    func finish(_ draft: inout PodDraft, for context: PodContext) throws(PodPatchError) -> PatchedPod {
        try mountOverlay(in: &draft, for: context)
        try setEnvironment(in: &draft, for: context)
        try setThreadCounts(in: &draft)
        try mountLXCFS(in: &draft, for: context)
        try warnOfVolumes(in: &draft, for: context)
        try warnOfNFS(in: &draft, for: context)
        try setDeadline(in: &draft, for: context)
        try setMetadata(in: &draft, for: context)

        return draft.finish()
    }

    /// The cluster's own end to the pod: late enough for the polite one to come first, and never later than the pod
    /// came with.
    private func setDeadline(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        guard let walltime = context.walltime else { return }
        let key = "activeDeadlineSeconds"
        let wanted = deadline(after: walltime, usersMost: context.extensionMost)
        guard let present = draft.spec.present(key) else {
            draft.spec[key] = JSON(wanted)
            return
        }
        guard let seconds = present.int else {
            throw .malformed(pointer: "/spec/" + key, expected: "a whole number")
        }
        if seconds > wanted {
            draft.spec[key] = JSON(wanted)
            draft.report.corrected.append("\(key) \(seconds) lowered to \(wanted)")
        } else if seconds <= walltime.wholeSeconds {
            draft.report.warnings.append(
                "\(key) \(seconds) came with the pod and ends it before its walltime of \(walltime.wholeSeconds) s"
            )
        }
    }

    /// In seconds, between the least and the most that Kubernetes takes.
    private func deadline(after walltime: Duration, usersMost: Duration) -> Int {
        let most = Int64(Int32.max)
        let slack = deadlineSlack(usersMost: usersMost)
        let seconds = min(walltime.wholeSeconds, most) + min(slack.wholeSeconds, most)
        return Int(max(1, min(seconds, most)))
    }
}
