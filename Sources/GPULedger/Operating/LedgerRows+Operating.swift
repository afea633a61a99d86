// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// What operators may change. Each writes its audit entry beside it.

extension LedgerRows {
    func nodeMarks() throws(StorageError) -> [NodeMark] {
        let rows = try connection.query(
            "SELECT node, drained_by, reason, drained_at_unix_ms FROM node_mark ORDER BY node", [])
        return try rows.mapRows { (row) throws(StorageError) in
            NodeMark(
                node: try row.text(0), drainedBy: try row.text(1), reason: try row.text(2),
                drainedAt: Instant(unixMilliseconds: try row.integer(3)))
        }
    }

    func drainedNodes() throws(StorageError) -> Set<String> { Set(try nodeMarks().map(\.node)) }

    /// Whether it was not before.
    func drain(_ node: String, by author: Operator, at now: Instant) throws(StorageError) -> Bool {
        guard try !nodeMarks().contains(where: { $0.node == node }) else { return false }
        try connection.execute(
            "INSERT INTO node_mark (node, drained_by, reason, drained_at_unix_ms) VALUES ($1, $2, $3, $4)",
            [SQLValue(node), SQLValue(author.name), SQLValue(author.reason), SQLValue(now.unixMilliseconds)])
        try audit(.drain, node, before: "open", after: "drained", by: author, at: now)
        return true
    }

    func undrain(_ node: String, by author: Operator, at now: Instant) throws(StorageError) -> Bool {
        let removed = try connection.execute("DELETE FROM node_mark WHERE node = $1", [SQLValue(node)])
        guard removed > 0 else { return false }
        try audit(.undrain, node, before: "drained", after: "open", by: author, at: now)
        return true
    }

    func release(
        _ id: String, by author: Operator, force: Bool, at now: Instant
    ) throws(StorageError) -> OperatorRelease {
        guard let known = try reservation(id) else { return .unknown }
        guard known.reservation.state.holdsCapacity else { return .alreadyEnded(known.reservation) }
        if !force, known.needsEvidence(standing), try hasLivingPod(id) { return .podAlive(known.reservation) }
        let ended = try end(known, as: .released, cause: .operatorReleased, at: now)
        try audit(
            .release, id, before: known.reservation.state.rawValue, after: ended.state.rawValue, by: author, at: now)
        return .released(ended)
    }
}
