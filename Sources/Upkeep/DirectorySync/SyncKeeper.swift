// SPDX-License-Identifier: Apache-2.0
package import Directory
package import Kubernetes
package import Logging
package import SpawnModel
import Synchronization

/// Keeps a cluster's overlay objects in line with the directory, for as long as this replica leads.
///
/// What the configuration says is taken anew at each run, so that a reload counts from the next one on.
package final class SyncKeeper: Sendable {
    private let cluster: Cluster
    private let parts: Parts
    private let log: Logger
    private let metrics = SyncMetrics()
    private let identities: IdentityWatch
    private let state = Mutex(State())

    /// What a keeper asks others for.
    package struct Parts: Sendable {
        /// Nil where nothing is to be kept.
        let setting: @Sendable () -> SyncSetting?
        let read: @Sendable (SyncSetting) async throws(UpkeepError) -> PeopleRead
        let changes: ChangeLook
        let now: @Sendable () -> Instant

        package init(
            setting: @escaping @Sendable () -> SyncSetting?,
            read: @escaping @Sendable (SyncSetting) async throws(UpkeepError) -> PeopleRead,
            changes: @escaping ChangeLook,
            now: @escaping @Sendable () -> Instant
        ) {
            self.setting = setting
            self.read = read
            self.changes = changes
            self.now = now
        }
    }

    /// Whether the directory has changed since the mark, or may have, and the mark for the next time.
    package typealias ChangeLook =
        @Sendable (SyncSetting, ChangeMark?) async throws(UpkeepError) -> (mark: ChangeMark, hasChanged: Bool)

    private struct State {
        var standing = SyncStanding.follows
        var doneAt: Instant?
        /// When contents were last read too.
        var readContentsAt: ContinuousClock.Instant?
        /// When the last run began; nil lets the next one begin at once.
        var begunAt: ContinuousClock.Instant?
        /// Up to where changes have been heard of.
        var mark: ChangeMark?
        var lookedAt: ContinuousClock.Instant?
    }

    package init(_ cluster: Cluster, _ log: Logger, _ parts: Parts) {
        self.cluster = cluster
        self.parts = parts
        self.log = log
        identities = IdentityWatch(log)
    }

    package var standing: SyncStanding { state.withLock(\.standing) }

    /// Goes on for as long as this replica leads; looks once a second whether a run is due, the first one at once.
    ///
    /// - Parameter isHeld: whether it leads at this moment; asked before every write.
    package func lead(while isHeld: @escaping @Sendable () -> Bool) async {
        metrics.note(leads: true)
        while isHeld(), !Task.isCancelled {
            await turn(isHeld)
            try? await Task.sleep(for: .seconds(1))
        }
        metrics.note(leads: false)
        // What others change meanwhile is seen at the first run of leading again.
        state.withLock { $0 = State(doneAt: $0.doneAt) }
    }

    /// How often contents are read too. Only somebody who makes an object anew by hand changes them unseen.
    private static let contentsEvery = Duration.seconds(3600)
    /// After a run that failed.
    private static let againAfter = Duration.seconds(60)

    // MARK: A turn

    func turn(_ isHeld: @escaping @Sendable () -> Bool) async {
        guard let setting = parts.setting() else { return }
        let isDue = isDue(setting)
        // Before a read the directory is marked, so that what changes during it is heard of after it.
        let hasChanged = await hearsOfChange(setting, readIsDue: isDue)
        if isDue || hasChanged { await run(setting, isHeld) }
    }

    /// A look that fails brings nothing forward: the next whole read is due in any case, and says what is wrong.
    private func hearsOfChange(_ setting: SyncSetting, readIsDue: Bool) async -> Bool {
        guard setting.sync.changes != .none, readIsDue || isLookDue(setting) else { return false }
        let mark = state.withLock { state in
            state.lookedAt = .now
            return state.mark
        }
        do throws(UpkeepError) {
            let look = try await parts.changes(setting, mark)
            state.withLock { $0.mark = look.mark }
            return look.hasChanged
        } catch {
            log.warning(
                "changes not heard of", metadata: ["code": .string(error.code), "detail": .string("\(error)")])
            return false
        }
    }

    private func isLookDue(_ setting: SyncSetting) -> Bool {
        state.withLock { state in state.lookedAt.map { .now >= $0 + setting.sync.changesEvery } ?? true }
    }

    private func isDue(_ setting: SyncSetting) -> Bool {
        state.withLock { state in
            guard let begunAt = state.begunAt else { return true }
            let pause =
                if case .fails = state.standing { min(setting.sync.every, Self.againAfter) } else { setting.sync.every }
            return .now >= begunAt + pause
        }
    }

    private func run(_ setting: SyncSetting, _ isHeld: @escaping @Sendable () -> Bool) async {
        let start = ContinuousClock.now
        state.withLock { state in
            state.begunAt = start
            if case .follows = state.standing { state.standing = .begins }
        }
        do throws(UpkeepError) {
            let read = try await parts.read(setting)
            identities.take(read.identities)
            let run = nextRun(at: start)
            let sync = DirectorySync(cluster, limits: setting.limits, now: parts.now, mayWrite: isHeld)
            let report = await sync.apply(read, as: setting.overlay, in: setting.namespaces, run)
            metrics.note(report)
            if run.readsContents, report.failures.isEmpty { state.withLock { $0.readContentsAt = start } }
            note(report, took: .now - start)
        } catch {
            noteFailure(error, took: .now - start)
        }
    }

    private func nextRun(at start: ContinuousClock.Instant) -> SyncRun {
        var run = SyncRun()
        run.readsContents = state.withLock { $0.readContentsAt.map { start >= $0 + Self.contentsEvery } ?? true }
        return run
    }

    // MARK: What came of it

    private func note(_ report: SyncReport, took: Duration) {
        if !report.failures.isEmpty {
            for (namespace, error) in report.failures { noteFailure(error, in: namespace, took: took) }
            return
        }
        let now = parts.now()
        if let refusal = report.refusal {
            state.withLock { ($0.standing, $0.doneAt) = (.refused(refusal, at: now), now) }
            metrics.note(.refused, took: took, at: now)
            log.error("sync deletes nothing", metadata: ["code": "sync-shrink", "detail": .string("\(refusal)")])
        } else {
            state.withLock { ($0.standing, $0.doneAt) = (.done(at: now, people: report.people), now) }
            metrics.note(.done, took: took, at: now)
        }
        log.notice("sync done", metadata: report.metadata(took: took))
    }

    private func noteFailure(_ error: UpkeepError, in namespace: String? = nil, took: Duration) {
        switch error {
        case .stopped: return
        case .notLeading:
            state.withLock { $0.standing = .follows }
            log.notice("sync left to another replica")
        case .directory, .cluster, .ledger:
            state.withLock { $0.standing = .fails("\(error)", since: $0.doneAt) }
            metrics.note(.failed, took: took, at: parts.now())
            var metadata: Logger.Metadata = ["code": .string(error.code), "detail": .string("\(error)")]
            if let namespace { metadata["namespace"] = .string(namespace) }
            log.error("sync not done", metadata: metadata)
        }
    }
}

extension SyncReport {
    fileprivate func metadata(took: Duration) -> Logger.Metadata {
        let sum = { (count: KeyPath<NamespaceReport, Int>) in
            Logger.MetadataValue.stringConvertible(namespaces.reduce(0) { $0 + $1[keyPath: count] })
        }
        var metadata: Logger.Metadata = [
            "people": .stringConvertible(people), "rejected": .stringConvertible(rejected.count),
            "objects": .stringConvertible(objects), "created": sum(\.created), "restored": sum(\.restored),
            "deleted": sum(\.deleted), "took_ms": .stringConvertible(took.wholeMilliseconds),
        ]
        if rejected.count > 0 { metadata["rejected_first"] = .array(rejected.first.map { .string($0) }) }
        let unwritten = namespaces.flatMap(\.unwritten.first)
        if !unwritten.isEmpty { metadata["unwritten_first"] = .array(unwritten.map { .string($0) }) }
        return metadata
    }
}
