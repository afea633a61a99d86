// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// Nil where nothing was used yet.
    func fairUse(of scope: QuotaScope) throws(StorageError) -> DecayedUse? {
        let rows = try connection.query(
            """
            SELECT milli_card_seconds, at_unix_ms FROM fair_use WHERE scope = $1 AND deployment = $2 AND name = $3
            """,
            scope.key)
        return try rows.mapRows { (row) throws(StorageError) in
            DecayedUse(Int(try row.integer(0)), at: Instant(unixMilliseconds: try row.integer(1)))
        }.first
    }

    func changeFairUse(
        of stored: StoredCharge, _ change: (DecayedUse) -> DecayedUse
    ) throws(StorageError) {
        for scope in stored.scopes where scope.hasFairUse {
            let use = change(try fairUse(of: scope) ?? DecayedUse(0, at: Instant(unixMilliseconds: 0)))
            try connection.execute(
                """
                INSERT INTO fair_use (scope, deployment, name, milli_card_seconds, at_unix_ms)
                VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (scope, deployment, name)
                DO UPDATE SET milli_card_seconds = excluded.milli_card_seconds, at_unix_ms = excluded.at_unix_ms
                """,
                scope.key + [SQLValue(use.value), SQLValue(use.at.unixMilliseconds)])
        }
    }
}

extension QuotaScope {
    fileprivate var hasFairUse: Bool {
        switch self {
        case .user, .group: true
        case .deployment, .pool: false
        }
    }
}
