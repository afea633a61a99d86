// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// Somebody in a waiting list, for operators.
package struct WaitingRow: Sendable, Hashable {
    /// In the pool's list, from 1, as it was when somebody last asked.
    package let position: Int
    package let server: ServerID
    package let payer: String?
    package let gpu: GPURequest
    package let since: Instant
    package let seenAt: Instant
    /// Until when what it needs is kept for it; nil while there is nothing to keep.
    package let claimUntil: Instant?
}

extension Ledger {
    /// Those who are still there, by pool and position, as of the last commit. Waits for nothing.
    package func waitingRows(under quotas: Quotas, now: Instant) -> [WaitingRow] {
        quotas.waitingLists.keys.sorted().flatMap { pool in
            let terms = quotas.waitingLists[pool] ?? WaitingListTerms()
            return useInView.tickets(of: pool).filter { !$0.isGone(terms, now: now) }.map(WaitingRow.init)
        }
    }
}

extension WaitingRow {
    fileprivate init(_ ticket: Ticket) {
        self.init(
            position: ticket.position, server: ticket.server, payer: ticket.payer, gpu: ticket.gpu,
            since: ticket.createdAt, seenAt: ticket.seenAt, claimUntil: ticket.claimUntil)
    }
}
