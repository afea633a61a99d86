// SPDX-License-Identifier: Apache-2.0
package import GPULedger
import Logging
import SpawnModel
import Synchronization

extension GPUWatch {
    /// What the nodes that were seen last make of these pools, for a configuration that is about to come into force.
    package func inventory(for setting: Setting) -> Inventory {
        SeenInventory(of: state.withLock(\.inventory.standings), pools: setting.pools, setting.devices).inventory
    }

    /// Has the ledger decide by what the nodes are now. Where they are not known, what others see of the cluster is not
    /// enough to decide by.
    func renewInventory(at now: ContinuousClock.Instant) async {
        let seen = nodes.seen
        guard seen.isComplete, let assured = seen.assuredAt, now - assured <= terms.staleAfter else {
            ledger.expectCluster(terms, now: parts.now())
            return
        }
        // A configuration that comes into force meanwhile is seen at once, and not a turn later.
        while let setting = settingDue(seen.revision, at: now) {
            guard await put(setting, seen, at: now) else { return }
        }
    }

    private func settingDue(_ revision: Int, at now: ContinuousClock.Instant) -> Setting? {
        let setting = parts.setting()
        return state.withLock { state in
            let made = state.inventory
            let isYoung = made.at.map { now - $0 < Self.turnsLeast } ?? false
            return made.revision == revision && made.setting == setting.id && isYoung ? nil : setting
        }
    }

    private func put(
        _ setting: Setting, _ seen: SeenObjects<SeenNode>, at now: ContinuousClock.Instant
    ) async -> Bool {
        let standings = state.withLock { $0.history.standings(of: Array(seen.values), pools: setting.pools, at: now) }
        let found = SeenInventory(of: standings, pools: setting.pools, setting.devices)
        if found.inventory != state.withLock(\.inventory.inventory) {
            do throws(LedgerError) { try await ledger.replace(inventory: found.inventory) } catch {
                if isNews(\.inventory, "\(error)") {
                    log.error("nodes make no usable inventory", metadata: ["detail": .string("\(error)")])
                }
                return false
            }
            _ = isNews(\.inventory, nil)
            log.info(
                "inventory renewed from nodes",
                metadata: [
                    "nodes": .stringConvertible(found.inventory.nodes.count),
                    "cards": .stringConvertible(found.inventory.nodes.reduce(0) { $0 + $1.cards.count }),
                ])
        }
        tell(Set(found.findings))
        state.withLock { state in
            state.inventory = Made(
                standings: standings, inventory: found.inventory, findings: Set(found.findings),
                revision: seen.revision, setting: setting.id, at: now)
        }
        return true
    }

    /// Those that are new.
    private func tell(_ findings: Set<InventoryFinding>) {
        let new = findings.subtracting(state.withLock(\.inventory.findings)).map(\.description).sorted()
        for words in new.prefix(Self.toldMost) {
            log.warning("a node does not fit the pools", metadata: ["detail": .string(words)])
        }
    }

    private static let toldMost = 20
}
