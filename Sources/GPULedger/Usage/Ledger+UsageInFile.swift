// SPDX-License-Identifier: Apache-2.0
package import SpawnModel
import Storage

extension Ledger {
    /// The same as `usage`, read from the ledger's file without changing it, beside a Berth that runs or without one.
    ///
    /// Waits for the disk; meant for the command line.
    package static func usage(
        inFile path: String, _ days: DayRange, by grouping: UsageGrouping, now: Instant
    ) throws(LedgerError) -> [UsageSum] {
        try LedgerError.wrapping { () throws(StorageError) in
            let connection = try SQLiteConnection.openForReading(path)
            defer { connection.close() }
            return try LedgerRows(connection).usage(days, by: grouping, now: now, most: listMax)
        }
    }
}
