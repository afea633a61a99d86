// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Kubernetes
import SpawnModel

/// Brings the shared objects of one namespace in line with a whole read of the directory.
///
/// They are few and may change, so each is read and held against what it should hold, every time.
struct SharedSync: Sendable {
    let read: PeopleRead
    let terms: OverlayTerms
    let namespace: String
    let cluster: Cluster
    let writer: ObjectWriter
    let limits: SyncLimits
    let run: SyncRun
    let now: @Sendable () -> Instant

    /// Never throws: what a namespace lacks is no reason to leave the others as they are.
    func report(rejecting reject: (String) -> Void) async -> NamespaceReport {
        var report = NamespaceReport(namespace)
        do throws(UpkeepError) {
            let overlay = SharedOverlay(members, terms, namespace: namespace)
            for error in overlay.refused { reject("\(error)") }
            let standing = try await standing()
            report.objects = standing.count
            report.refusal = run.acceptsShrink ? nil : shrink(of: standing)
            // An object without many is the same as many objects deleted.
            guard report.refusal == nil else { return report }
            try await write(overlay.shards, over: standing, &report)
            try await deleteLeftovers(of: standing, wanted: Set(overlay.shards.map(\.name)), &report)
        } catch {
            report.failure = error
        }
        return report
    }

    private var members: [SharedOverlay.Member] {
        read.people.compactMap { person in
            person.account.map { SharedOverlay.Member(account: $0, memberships: person.memberships) }
        }
    }

    // MARK: Reading

    /// One by one: a page of them would be too large.
    private func standing() async throws(UpkeepError) -> [JSON] {
        var standing: [JSON] = []
        for name in try await names() {
            let object = try await writer.patience.call { () throws(KubernetesError) in
                try await cluster.get(ObjectName(.configMap, in: namespace, name))
            }
            if let object { standing.append(object) }
        }
        return standing
    }

    private func names() async throws(UpkeepError) -> [String] {
        try await writer.patience.call { () throws(KubernetesError) in
            try await cluster.listAll(
                .configMap, in: namespace, labels: "\(ObjectLabel.object)=\(ObjectLabel.sharedOverlay)",
                metadataOnly: true
            ).items.compactMap { $0["metadata"]?["name"]?.string }
        }
    }

    /// Counted by what Berth itself has written: what somebody wrote into it by hand is nobody who left.
    private func shrink(of standing: [JSON]) -> Shrink? {
        let base = Set(terms.base.users.map(\.name))
        let listed = Set(standing.filter(\.holdsOwnData).flatMap(\.passwdNames)).subtracting(base)
        return Shrink(
            people: listed.count, lost: listed.subtracting(read.people.map(\.name)).subtracting(read.unusable).count,
            directoryIsEmpty: read.isEmpty, most: limits.shrinkPercent)
    }

    // MARK: Writing

    private func write(
        _ shards: [SharedOverlay.Shard], over standing: [JSON], _ report: inout NamespaceReport
    ) async throws(UpkeepError) {
        let found = Dictionary(standing.compactMap { object in object.name.map { ($0, object) } }) { one, _ in one }
        for shard in shards where !(found[shard.name]?.holds(shard.manifest) ?? false) {
            if !run.isDryRun { try await writer.apply(shard.manifest) }
            if found[shard.name] == nil {
                report.created += 1
                report.objects += 1
            } else {
                report.restored += 1
            }
        }
    }

    /// A shard that was split stays while a pod mounts it.
    private func deleteLeftovers(
        of standing: [JSON], wanted: Set<String>, _ report: inout NamespaceReport
    ) async throws(UpkeepError) {
        let leftovers = standing.compactMap { ListedObject($0) }.filter { !wanted.contains($0.name) }
        let mounted = try await MountedObjects.names(
            among: Set(leftovers.map(\.name)), in: namespace, cluster, writer.patience)
        for object in leftovers {
            if mounted.contains(object.name) {
                report.kept[.mounted, default: 0] += 1
            } else if object.isFresh(isOwned: true, limits, readAt: read.at, now: now()) {
                report.kept[.fresh, default: 0] += 1
            } else {
                if !run.isDryRun { try await delete(object) }
                report.deleted += 1
                report.objects -= 1
            }
        }
    }

    private func delete(_ object: ListedObject) async throws(UpkeepError) {
        _ = try await writer.delete(
            ObjectName(.configMap, in: namespace, object.name), uid: object.uid,
            resourceVersion: object.resourceVersion)
    }
}

extension JSON {
    fileprivate var name: String? { self["metadata"]?["name"]?.string }

    /// Whether nobody but Berth has written into its data since Berth did.
    fileprivate var holdsOwnData: Bool {
        (self["metadata"]?["managedFields"]?.array ?? []).allSatisfy { entry in
            entry["manager"]?.string == Cluster.fieldManager || entry["fieldsV1"]?["f:data"] == nil
        }
    }

    /// Names in its passwd file, base accounts too.
    fileprivate var passwdNames: [String] {
        (self["data"]?["passwd"]?.string ?? "").utf8.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
        }
    }

    /// Whether all that the manifest says of it is so; others may have added to it.
    fileprivate func holds(_ manifest: JSON) -> Bool {
        hasMarks(of: manifest)
            && (manifest["data"]?.object ?? [:]).allSatisfy { key, text in self["data"]?[key] == text }
    }
}
