// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

@testable import PodPatching

/// Rules that no pod, context or configuration may break. A failure names the seed that shows it.
struct RandomPodTests {
    static let rounds = 300

    @Test func `whatever comes in, the rules hold for what goes out`() throws {
        let first = UInt64.random(in: 0...UInt64(UInt32.max))
        var patchedPods = 0
        for seed in first..<first + UInt64(Self.rounds) {
            var maker = RandomPod(seed: seed)
            let (before, context, terms) = (maker.pod(), maker.context(), maker.terms())
            guard let patched = try patch(JSON(parsing: before.bytes), terms, context) else { continue }
            patchedPods += 1
            let why = Comment("seed \(seed)\nbefore \(before.text)\nafter  \(patched.pod.text)")
            try isStable(patched, terms, context, why)
            keepsUnknownMembers(before, patched.pod, why)
            hasUniqueNames(patched.pod, why)
            hasGPUWhereReserved(patched.pod, context, why)
        }
        #expect(patchedPods > Self.rounds / 2)
    }

    /// Nil for a pod that the configuration must refuse.
    private func patch(_ pod: JSON, _ terms: PodTerms, _ context: PodContext) throws -> PatchedPod? {
        do {
            return try terms.patch(pod, for: context)
        } catch .mountPathTaken, .environmentDiffers, .volumeMissing {
            return nil
        }
    }

    private func isStable(_ patched: PatchedPod, _ terms: PodTerms, _ context: PodContext, _ why: Comment) throws {
        let again = try terms.patch(JSON(parsing: patched.pod.bytes), for: context)
        #expect(again.pod.text == patched.pod.text, why)
        #expect(again.corrected == [], why)
        #expect(again.warnings == patched.warnings, why)
    }

    /// Every unknown member is where it was, as it was spelt, and nothing else has one.
    private func keepsUnknownMembers(_ before: JSON, _ after: JSON, _ why: Comment) {
        #expect(
            after.text.ranges(of: #""x-unknown":1.50e1"#).count == before.text.ranges(of: #""x-unknown":1.50e1"#).count,
            why
        )
        for container in before.containers {
            let same = after.container(container["name"]?.string ?? "")
            #expect(same?["x-unknown"]?.text == container["x-unknown"]?.text, why)
        }
        #expect(after["spec"]?["x-unknown"]?.text == before["spec"]?["x-unknown"]?.text, why)
        #expect(after.text.ranges(of: #""x-kept":1"#).count == before.text.ranges(of: #""x-kept":1"#).count, why)
    }

    private func hasUniqueNames(_ pod: JSON, _ why: Comment) {
        func isUnique(_ names: [String]) -> Bool { Set(names).count == names.count }
        #expect(isUnique(pod.containers.compactMap { $0["name"]?.string }), why)
        #expect(isUnique(pod["spec"]?.names("volumes", "name") ?? []), why)
        for container in pod.containers {
            #expect(isUnique(container.names("env", "name")), why)
            #expect(isUnique(container.names("volumeMounts", "mountPath")), why)
        }
    }

    private func hasGPUWhereReserved(_ pod: JSON, _ context: PodContext, _ why: Comment) {
        let holders = pod.containers.filter(\.holdsGPU)
        #expect(holders.compactMap { $0["name"]?.string } == (context.gpu == nil ? [] : ["notebook"]), why)
        for container in pod.containers {
            let expected: [String?] = context.gpu != nil && container["name"] == "notebook" ? [] : ["void"]
            #expect(container.variable("NVIDIA_VISIBLE_DEVICES") == expected, why)
        }
        for holder in holders {
            guard let name = context.gpu?.pool.resourceName, let resources = holder["resources"] else { continue }
            let (limit, request) = (resources["limits"]?[name], resources["requests"]?[name])
            #expect(limit.flatMap { Quantity($0) } == request.flatMap { Quantity($0) }, why)
        }
    }
}
