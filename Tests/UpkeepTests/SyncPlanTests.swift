// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import Upkeep

/// What a plan may and must do, for namespaces made by chance.
@Suite struct SyncPlanTests {
    /// Runs `check` on many namespaces of each seed.
    private func onNamespaces(
        _ seed: UInt64, acceptsShrink: Bool = true,
        _ check: (_ before: PlainNamespace, _ plan: SyncPlan, _ after: PlainNamespace, _ failed: Int) -> String?
    ) {
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let before = PlainNamespace(&random, people: 1 + random.number(below: 12))
            let plan = before.plan(&random, acceptsShrink: acceptsShrink)
            let (after, failed) = before.after(plan)
            if let fault = check(before, plan, after, failed) {
                Issue.record("seed \(seed), round \(round): \(fault)\n\(before)\n\(plan)")
                return
            }
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `after the writes everybody in the directory has their object, whole and labelled`(seed: UInt64) {
        onNamespaces(seed, acceptsShrink: false) { before, _, after, failed in
            if failed > 0 { return "\(failed) writes fail" }
            return before.directory.first { user, name in
                after.objects[name]?.user != user || after.objects[name]?.isIntact != true
            }.map { "\($0.key) has no object as it should be" }
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `what a pod mounts, what is fresh, and what somebody in the directory needs is never deleted`(seed: UInt64) {
        onNamespaces(seed) { before, _, after, _ in
            before.objects.keys.first { before.isNeeded($0) && after.objects[$0] == nil }.map { "\($0) is deleted" }
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `all else that is not in the directory is deleted, and counted as kept otherwise`(seed: UInt64) {
        onNamespaces(seed) { before, plan, after, _ in
            let left = after.objects.keys.filter { !before.directory.values.contains($0) }
            let mayStay = left.filter(before.isNeeded)
            if mayStay.count != left.count { return "left: \(Set(left).subtracting(mayStay))" }
            let kept = plan.kept.values.reduce(0, +)
            return kept == left.count ? nil : "\(left.count) stay, \(kept) are counted"
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `a second run over an unchanged directory writes nothing`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let before = PlainNamespace(&random, people: 1 + random.number(below: 12))
            let (after, _) = before.after(before.plan(&random, acceptsShrink: true))
            let second = after.plan(&random, acceptsShrink: true)
            guard second.creations.isEmpty, second.restorations.isEmpty, second.deletions.isEmpty else {
                Issue.record("seed \(seed), round \(round): \(second)\n\(before)")
                return
            }
        }
    }

    @Test(arguments: SeededRandom.seeds)
    func `where too many people are gone nothing is deleted, and all else goes on`(seed: UInt64) {
        onNamespaces(seed, acceptsShrink: false) { before, plan, _, _ in
            let users = Set(before.objects.values.compactMap(\.user))
            let lost = users.filter { before.directory[$0] == nil && !before.unusable.contains($0) }.count
            let isTooMany = lost > 0 && (before.wanted.isEmpty || (lost > 1 && lost * 5 > users.count))
            if isTooMany != (plan.refusal != nil) { return "\(lost) of \(users.count) are gone" }
            return isTooMany && !plan.deletions.isEmpty ? "something is deleted" : nil
        }
    }
}
