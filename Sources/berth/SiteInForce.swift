// SPDX-License-Identifier: Apache-2.0
import AdminAPI
import Configuration
import Directory
import GPULedger
import HTTPServer
import HubAPI
import Identity
import Logging
import Sockets
import SpawnModel
import Synchronization
import Upkeep

/// The configuration in force, and the last attempt to replace it.
///
/// A request takes the site once and keeps it; a reload swaps the whole or changes nothing. `Reloads` has one made at
/// a time.
final class SiteInForce: Sendable {
    private struct State {
        var site: Site
        /// What was wrong with the files when they were last read; empty while they are in force.
        var faults: [String] = []
        /// Of the last reading.
        var stamps: [FileStamp]
        var loadedAt: Instant
        /// Keys whose new values wait for a restart.
        var waiting: [String] = []
        /// Makes the inventory where it is the cluster's.
        var watch: GPUWatch?
    }

    private let path: String
    private let ledger: Ledger
    private let sources: SubjectSources
    private let log: Logger
    /// What the process was started with, as far as only a start brings it into force.
    private let first: Site
    /// What new connections get; nil where nothing speaks TLS since the start.
    private let tls: TLSInForce?
    private let state: Mutex<State>

    init(_ loaded: LoadedSite, path: String, ledger: Ledger, sources: SubjectSources, log: Logger) {
        self.path = path
        self.ledger = ledger
        self.sources = sources
        self.log = log
        first = loaded.site
        tls = loaded.site.tls?.context.map { TLSInForce($0) }
        state = Mutex(State(site: loaded.site, stamps: loaded.stamps, loadedAt: .now()))
    }

    /// Where the process listens for TLS, as it was started.
    var secureListening: SecureListening? {
        guard let tls, let terms = first.tls else { return nil }
        return SecureListening(addresses: terms.listen, tls: tls)
    }

    /// For `/readyz` and metrics: until when the certificate counts that new connections see.
    var certificateValidUntil: Instant? {
        tls.map { Instant(unixMilliseconds: $0.current.validUntilUnixSeconds * 1000) }
    }

    /// From now on the cards of a new configuration's pools are those that `watch` has seen.
    func follow(_ watch: GPUWatch) { state.withLock { $0.watch = watch } }

    var site: Site { state.withLock(\.site) }
    var loadedAt: Instant { state.withLock(\.loadedAt) }

    /// The files that the last reading has read or looked for, each as it was then.
    var stamps: [FileStamp] { state.withLock(\.stamps) }

    /// For whoever asked for a reading.
    func report(isInForce: Bool) -> ReloadReport {
        let state = state.withLock { $0 }
        return ReloadReport(
            isInForce: isInForce, faults: state.faults, waitingForRestart: state.waiting, loadedAt: state.loadedAt)
    }

    /// For `/readyz`: `ok`, or what is the matter.
    var words: String {
        let state = state.withLock { $0 }
        if let fault = state.faults.first {
            let more = state.faults.count > 1 ? " (and \(state.faults.count - 1) more, see the log)" : ""
            return "the file has faults, the old one is in force since \(state.loadedAt): \(fault)\(more)"
        }
        return state.waiting.isEmpty ? "ok" : "ok, but a restart is needed for \(state.waiting.joined(separator: ", "))"
    }

    /// Reads the files again; where they are faulty, or the ledger can't take their inventory, the old site stays.
    ///
    /// - Returns: whether what was read is in force now.
    func reload() async -> Bool {
        let loaded: LoadedSite
        do { loaded = try Site.load(path: path, secrets: .required) } catch {
            keepOld(error.faults.map(\.description), error.stamps)
            return false
        }
        guard (loaded.site.clusterInventory == nil) == (first.clusterInventory == nil) else {
            keepOld(["inventory.from: only a restart brings another one into force"], loaded.stamps)
            return false
        }
        let seen = state.withLock(\.watch)?.inventory(for: loaded.site.gpuSetting)
        do throws(LedgerError) {
            try await ledger.replace(inventory: seen ?? loaded.site.inventory) { self.swap(in: loaded) }
        } catch {
            // The swap may have come through and only the commit behind it failed, which `/readyz` says by itself.
            guard site === loaded.site else {
                keepOld(["\(error)"], loaded.stamps)
                return false
            }
        }
        if let context = loaded.site.tls?.context { tls?.replace(by: context) }
        noteReloaded(loaded)
        return true
    }

    /// A certificate that is renewed while something else is wrong should not lapse because of that.
    private func renewCertificate() {
        guard let tls, let context = site.tls?.files.context() else { return }
        tls.replace(by: context)
    }

    private func swap(in loaded: LoadedSite) {
        let waiting = loaded.site.keysForRestart(after: first)
        state.withLock {
            $0 = State(
                site: loaded.site, stamps: loaded.stamps, loadedAt: .now(), waiting: waiting, watch: $0.watch)
        }
    }

    private func noteReloaded(_ loaded: LoadedSite) {
        // Not waited for: the file is in force whatever the issuers answer.
        Task { await sources.issuers.prepare(loaded.site.issuersInUse) }
        sources.directories.prepare(loaded.site.directory?.terms)
        log.notice("configuration reloaded", metadata: ["warnings": .stringConvertible(loaded.warnings.count)])
        let waiting = state.withLock(\.waiting)
        if !waiting.isEmpty {
            log.warning("some changes wait for a restart", metadata: ["keys": .array(waiting.map { .string($0) })])
        }
    }

    private func keepOld(_ faults: [String], _ stamps: [FileStamp]) {
        state.withLock {
            $0.faults = faults
            $0.stamps = stamps
        }
        renewCertificate()
        log.error(
            "configuration not reloaded: the old one stays in force",
            metadata: ["faults": .array(faults.prefix(20).map { .string($0) })])
    }
}
