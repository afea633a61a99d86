// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import GPULedger
import HubAPI
import Identity
import Logging
import Synchronization

/// The configuration in force, and the last attempt to replace it.
///
/// A request takes the site once and keeps it; a reload swaps the whole or changes nothing.
final class SiteInForce: Sendable {
    private struct State {
        var site: Site
        /// What was wrong with the file when it was last read; empty while the file is in force.
        var faults: [String] = []
    }

    private let path: String
    private let ledger: Ledger
    private let sources: SubjectSources
    private let log: Logger
    private let state: Mutex<State>

    init(_ site: Site, path: String, ledger: Ledger, sources: SubjectSources, log: Logger) {
        self.path = path
        self.ledger = ledger
        self.sources = sources
        self.log = log
        self.state = Mutex(State(site: site))
    }

    var site: Site { state.withLock(\.site) }
    var faults: [String] { state.withLock(\.faults) }

    /// Reads the file again; where it is faulty, or the ledger can't take its inventory, the old site stays.
    func reload() async {
        do {
            let loaded = try Site.load(path: path, secrets: .required)
            try await ledger.replace(inventory: loaded.site.inventory)
            let keys = loaded.site.keysForRestart(after: site)
            state.withLock { $0 = State(site: loaded.site) }
            // Not waited for: the file is in force whatever the issuers answer.
            Task { await sources.issuers.prepare(loaded.site.issuersInUse) }
            sources.directories.prepare(loaded.site.directory?.terms)
            log.notice("configuration reloaded", metadata: ["warnings": .stringConvertible(loaded.warnings.count)])
            if !keys.isEmpty {
                log.warning("some changes wait for a restart", metadata: ["keys": .array(keys.map { .string($0) })])
            }
        } catch let error as ConfigurationFaults {
            keepOld(error.faults.map(\.description))
        } catch {
            keepOld(["\(error)"])
        }
    }

    private func keepOld(_ faults: [String]) {
        state.withLock { $0.faults = faults }
        log.error(
            "configuration not reloaded: the old one stays in force",
            metadata: ["faults": .array(faults.prefix(20).map { .string($0) })])
    }
}
