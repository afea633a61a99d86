// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Takes the writing over: whoever had it before is refused from now on.
    func takeEpoch(_ holder: String) throws(StorageError) -> Int64 {
        try connection.execute(
            "UPDATE ledger_epoch SET epoch = epoch + 1, holder = $1 WHERE one = 1", [SQLValue(holder)])
        return try epoch()
    }

    func epoch() throws(StorageError) -> Int64 {
        try connection.query("SELECT epoch FROM ledger_epoch WHERE one = 1")[0].integer(0)
    }

    /// The store compares: a write in the transaction, so that no other writer can come between.
    ///
    /// - Throws: `LedgerError.fenced` where another writer has taken over since.
    func fence() throws(LedgerError) {
        guard let mine = standing.epoch else { return }
        let current = try LedgerError.wrapping { () throws(StorageError) in
            let isMine =
                try connection.execute(
                    "UPDATE ledger_epoch SET epoch = $1 WHERE one = 1 AND epoch = $1", [SQLValue(mine)]) == 1
            return isMine ? mine : try epoch()
        }
        guard current == mine else { throw .fenced(epoch: mine, current: current) }
    }
}
