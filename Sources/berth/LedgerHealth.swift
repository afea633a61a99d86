// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Synchronization

/// Whether the ledger can be written, asked at most about once a second: the question costs a durable write, and
/// `/readyz` needs no token.
final class LedgerHealth: Sendable {
    private struct Finding {
        var fault: String?
        var at: Instant
    }

    private let ledger: Ledger
    private let last = Mutex<Finding?>(nil)

    init(_ ledger: Ledger) { self.ledger = ledger }

    /// Nil where it can be written.
    func fault(now: Instant) async -> String? {
        if let known = last.withLock({ $0 }), known.at <= now, now - known.at < .seconds(1) { return known.fault }
        var fault: String?
        do { try await ledger.check() } catch { fault = "\(error)" }
        last.withLock { [fault] in $0 = Finding(fault: fault, at: now) }
        return fault
    }
}
