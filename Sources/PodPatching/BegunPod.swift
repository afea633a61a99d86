// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// A pod half-way: it has its ids, so that files with their names can be made before they are mounted in it.
package struct BegunPod {
    private let terms: PodTerms
    private let context: PodContext
    private var draft: PodDraft

    package init(_ pod: JSON, by terms: PodTerms, for context: PodContext) throws(PodPatchError) {
        self.terms = terms
        self.context = context
        draft = try terms.begun(pod, for: context)
    }

    /// Every group id that the pod names, whoever gave it: in its own security context and its containers'.
    package var gids: [Int] {
        let containers = draft.containers + draft.initContainers + draft.ephemeralContainers
        let contexts = containers.map { $0.members["securityContext"] }
        let pod = draft.spec["securityContext"]
        let single = contexts.map { $0?["runAsGroup"] } + [pod?["runAsGroup"], pod?["fsGroup"]]
        let all = single.compactMap(\.self) + (pod?["supplementalGroups"]?.array ?? [])
        return Set(all.compactMap(\.int)).sorted()
    }

    /// As `PodTerms.patch` has it with this overlay; to be called once.
    package mutating func finish(mounting overlay: PodOverlay) throws(PodPatchError) -> PatchedPod {
        var context = context
        context.overlay = overlay
        return try terms.finish(&draft, for: context)
    }
}
