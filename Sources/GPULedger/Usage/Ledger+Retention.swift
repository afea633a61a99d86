// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

/// How long the ledger remembers single sessions and operators' changes. Sums of usage by day stay for good.
package struct LedgerRetention: Sendable, Hashable {
    /// Since a reservation's last entry; it and all that is written of it go together.
    package var journal = Duration.seconds(400 * 86_400)
    package var audit = Duration.seconds(1830 * 86_400)

    /// Shorter, and sessions would go before their usage is summed up.
    package static let journalLeast = Ledger.usageIntervalsKept

    package init() {}
}

extension Ledger {
    /// At most so many reservations, and as many audit entries, in one turn.
    ///
    /// A bound on the harm of a clock that is set far ahead as much as on the time that decisions wait.
    package static let forgottenMost = 1000

    /// Forgets what has ended and is older than `retention` says, and gives how many reservations went.
    ///
    /// What lives keeps its whole journal; what is not summed up yet stays.
    package func forget(_ retention: LedgerRetention, now: Instant) async throws(LedgerError) -> Int {
        try await withRows { (rows) throws(StorageError) in
            try rows.forgetAudit(before: now + (.zero - retention.audit), most: Self.forgottenMost)
            return try rows.forgetReservations(before: now + (.zero - retention.journal), most: Self.forgottenMost)
        }
    }
}
