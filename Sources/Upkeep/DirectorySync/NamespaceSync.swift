// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Kubernetes
import SpawnModel

/// Brings the objects of one namespace in line with a whole read of the directory.
struct NamespaceSync: Sendable {
    let people: PeopleObjects
    let namespace: String
    let cluster: Cluster
    let writer: ObjectWriter
    let limits: SyncLimits
    let run: SyncRun
    let now: @Sendable () -> Instant

    /// Never throws: what a namespace lacks is no reason to leave the others as they are.
    func report() async -> NamespaceReport {
        var report = NamespaceReport(namespace)
        do throws(UpkeepError) {
            let plan = try await plan(&report)
            if run.isDryRun { report.count(plan) } else { try await write(plan, &report) }
        } catch {
            report.failure = error
        }
        return report
    }

    // MARK: Reading

    private func plan(_ report: inout NamespaceReport) async throws(UpkeepError) -> SyncPlan {
        let drift = try await drift()
        let mounted = try await MountedObjects.names(
            among: Set(drift.leftovers.map(\.name)), in: namespace, cluster, writer.patience)
        let plan = SyncPlan(
            drift, of: people.wanted, mounted: mounted, limits: limits, readAt: people.readAt,
            now: now(), acceptsShrink: run.acceptsShrink)
        report.objects = people.wanted.objects.count - plan.creations.count + drift.leftovers.count
        report.kept = plan.kept
        report.refusal = plan.refusal
        return plan
    }

    private func drift() async throws(UpkeepError) -> Drift {
        try await writer.patience.call { () throws(KubernetesError) in
            var finder = DriftFinder(people.wanted)
            try await cluster.list(
                .configMap, in: namespace, labels: "\(ObjectLabel.object)=\(ObjectLabel.overlay)",
                metadataOnly: !run.readsContents
            ) { page in
                if page.isFirst { finder = DriftFinder(people.wanted) }
                for item in page.items {
                    guard let object = ListedObject(item) else { continue }
                    finder.see(object, isIntact: isIntact(item, object))
                }
            }
            return finder.drift
        }
    }

    private func isIntact(_ item: JSON, _ object: ListedObject) -> Bool {
        guard let place = object.user.flatMap({ people.wanted.place(of: $0) }) else { return true }
        guard run.readsContents else { return item.hasOverlayMarks }
        return OverlayState(of: item, wanted: people.manifest(at: place, in: namespace)) == .asWanted
    }

    // MARK: Writing

    /// What is missing first: somebody may be waiting for it.
    private func write(_ plan: SyncPlan, _ report: inout NamespaceReport) async throws(UpkeepError) {
        try await Crew.work(
            on: [plan.creations, plan.restorations].joined(), atOnce: limits.writesAtOnce,
            doing: { place throws(UpkeepError) in
                try await writer.write(people.manifest(at: place, in: namespace))
            }, noting: { report.count($0) })
        try await Crew.work(
            on: plan.deletions, atOnce: limits.writesAtOnce,
            doing: { object throws(UpkeepError) in
                try await writer.delete(
                    ObjectName(.configMap, in: namespace, object.name), uid: object.uid,
                    resourceVersion: object.resourceVersion)
            }, noting: { report.countDeletion($0) })
    }
}

extension NamespaceReport {
    fileprivate mutating func count(_ plan: SyncPlan) {
        created = plan.creations.count
        restored = plan.restorations.count
        deleted = plan.deletions.count
        objects += created - deleted
    }

    fileprivate mutating func count(_ outcome: ObjectWriter.Outcome) {
        switch outcome {
        case .created:
            created += 1
            objects += 1
        case .restored: restored += 1
        case .unchanged: objects += 1
        case .refused(let reason): unwritten.append(reason)
        }
    }

    /// Where another replica was quicker, it is gone all the same.
    fileprivate mutating func countDeletion(_ isDone: Bool) {
        if isDone {
            deleted += 1
            objects -= 1
        }
    }
}
