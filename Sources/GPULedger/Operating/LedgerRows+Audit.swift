// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

extension LedgerRows {
    func audit(
        _ action: AuditEntry.Action, _ target: String, before: String, after: String, by author: Operator,
        at now: Instant
    ) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO audit (sequence, at_unix_ms, actor, role, action, target, reason, before_change, after_change,
                request_id)
            VALUES ((SELECT coalesce(max(sequence), 0) + 1 FROM audit), $1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                SQLValue(now.unixMilliseconds), SQLValue(author.name), SQLValue(author.role),
                SQLValue(action.rawValue), SQLValue(target), SQLValue(author.reason), SQLValue(before),
                SQLValue(after), SQLValue(author.requestID),
            ])
    }

    /// The newest first.
    func auditEntries(before sequence: Int64, most: Int) throws(StorageError) -> [AuditEntry] {
        let rows = try connection.query(
            """
            SELECT sequence, at_unix_ms, actor, role, reason, request_id, action, target, before_change, after_change
            FROM audit WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2
            """, [SQLValue(sequence), SQLValue(most)])
        return try rows.mapRows { (row) throws(StorageError) in try AuditEntry(row) }
    }
}

extension AuditEntry {
    fileprivate init(_ row: SQLRow) throws(StorageError) {
        guard let action = Action(rawValue: try row.text(6)) else {
            throw .corrupt(database: "the ledger", detail: "\(try row.text(6)) is not an operator's action")
        }
        self.init(
            sequence: try row.integer(0), at: Instant(unixMilliseconds: try row.integer(1)),
            by: Operator(
                name: try row.text(2), role: try row.text(3), reason: try row.text(4), requestID: try row.text(5)),
            action: action, target: try row.text(7), before: try row.text(8), after: try row.text(9))
    }
}
