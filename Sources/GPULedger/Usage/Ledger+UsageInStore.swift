// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// The same as `usage`, read without changing anything, beside a Berth that runs or without one.
    ///
    /// Waits for the database; meant for the command line.
    package static func usage(
        in store: LedgerStore, _ days: DayRange, by grouping: UsageGrouping, now: Instant
    ) throws(LedgerError) -> [UsageSum] {
        try LedgerError.wrapping { () throws(StorageError) in
            let connection = try store.openForReading()
            defer { connection.close() }
            return try LedgerRows(connection).usage(days, by: grouping, now: now, most: listMax)
        }
    }
}
