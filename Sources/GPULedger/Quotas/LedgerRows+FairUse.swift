// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    /// A user's and its payer's, without those that have used nothing yet.
    func fairUse(of user: QuotaScope, _ payer: QuotaScope) throws(StorageError) -> [QuotaScope: DecayedUse] {
        let rows = try connection.query(Self.fairUseOfTwo, user.key + payer.key)
        var use: [QuotaScope: DecayedUse] = [:]
        for row in rows {
            use[try QuotaScope(row)] = DecayedUse(
                Int(try row.integer(3)), at: Instant(unixMilliseconds: try row.integer(4)))
        }
        return use
    }

    /// As two conditions, since SQLite finds a list of rows by looking at all.
    static let fairUseOfTwo = """
        SELECT scope, deployment, name, milli_card_seconds, at_unix_ms FROM fair_use
        WHERE (scope = $1 AND deployment = $2 AND name = $3) OR (scope = $4 AND deployment = $5 AND name = $6)
        """

    func changeFairUse(
        of stored: StoredCharge, _ change: (DecayedUse) -> DecayedUse
    ) throws(StorageError) {
        let (user, payer) = (stored.userScope, stored.payerScope)
        let before = try fairUse(of: user, payer)
        let after = [user, payer].map { change(before[$0] ?? DecayedUse(0, at: Instant(unixMilliseconds: 0))) }
        try connection.execute(
            """
            INSERT INTO fair_use (scope, deployment, name, milli_card_seconds, at_unix_ms)
            VALUES ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10)
            ON CONFLICT (scope, deployment, name)
            DO UPDATE SET milli_card_seconds = excluded.milli_card_seconds, at_unix_ms = excluded.at_unix_ms
            """,
            zip([user, payer], after).flatMap { scope, use in
                scope.key + [SQLValue(use.value), SQLValue(use.at.unixMilliseconds)]
            })
    }
}
