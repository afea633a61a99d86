// SPDX-License-Identifier: Apache-2.0
package import Directory
package import Kubernetes
package import SpawnModel

/// Brings the overlay objects in a cluster in line with one whole read of the directory.
///
/// What it writes is valid at every moment: it may be stopped anywhere and run again, by anybody, twice at once.
package struct DirectorySync: Sendable {
    private let cluster: Cluster
    private let limits: SyncLimits
    private let mayWrite: @Sendable () -> Bool
    private let now: @Sendable () -> Instant

    /// - Parameter mayWrite: asked before every write; a run ends where it says no.
    package init(
        _ cluster: Cluster, limits: SyncLimits, now: @escaping @Sendable () -> Instant,
        mayWrite: @escaping @Sendable () -> Bool = { true }
    ) {
        self.cluster = cluster
        self.limits = limits
        self.now = now
        self.mayWrite = mayWrite
    }

    /// - Parameters:
    ///   - namespaces: where hubs' pods run; each gets all objects.
    /// - Returns: what was found and done; a namespace in which not all could be done says why.
    package func apply(
        _ read: PeopleRead, as terms: OverlayTerms, in namespaces: [String], _ run: SyncRun
    ) async -> SyncReport {
        var report = SyncReport(read)
        let writer = ObjectWriter(cluster: cluster, patience: Patience(span: limits.patience), mayWrite: mayWrite)
        switch terms.objects {
        case .perPerson:
            let people = PeopleObjects(read, terms) { report.rejected.append($0) }
            for namespace in namespaces {
                let sync = NamespaceSync(
                    people: people, namespace: namespace, cluster: cluster, writer: writer, limits: limits, run: run,
                    now: now)
                report.namespaces.append(await sync.report())
            }
        case .shared:
            for namespace in namespaces {
                let sync = SharedSync(
                    read: read, terms: terms, namespace: namespace, cluster: cluster, writer: writer, limits: limits,
                    run: run, now: now)
                report.namespaces.append(await sync.report { report.rejected.append($0) })
            }
        }
        return report
    }
}
