// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

// What the cluster shows beside reservations, as the ledger keeps it.

extension LedgerRows {
    /// The newest snapshot that was taken in.
    struct ClusterView: Hashable {
        let epoch: Int64
        let generation: Int64
        /// Of the newest complete one.
        let observedAt: Instant?
        let waitUntil: Instant?
    }

    func clusterView() throws(StorageError) -> ClusterView {
        let row = try connection.query(
            "SELECT epoch, generation, observed_at_unix_ms, wait_until_unix_ms FROM cluster_view WHERE one = 1")[0]
        return ClusterView(
            epoch: try row.integer(0), generation: try row.integer(1),
            observedAt: try row.integerOrNull(2).map(Instant.init(unixMilliseconds:)),
            waitUntil: try row.integerOrNull(3).map(Instant.init(unixMilliseconds:)))
    }

    func write(_ view: ClusterView) throws(StorageError) {
        try connection.execute(
            """
            UPDATE cluster_view SET epoch = $1, generation = $2, observed_at_unix_ms = $3, wait_until_unix_ms = $4
            WHERE one = 1
            """,
            [
                SQLValue(view.epoch), SQLValue(view.generation), SQLValue(view.observedAt?.unixMilliseconds),
                SQLValue(view.waitUntil?.unixMilliseconds),
            ])
    }

    func outside() throws(StorageError) -> OutsideUse {
        OutsideUse(foreign: try foreign(), withheld: try withheld(), drained: try drainedNodes())
    }

    func foreign() throws(StorageError) -> [ForeignUse] {
        let rows = try connection.query(
            """
            SELECT pod_uid, namespace, pod_name, node, pool, resource, amount, reason
            FROM foreign_use ORDER BY pod_uid, resource
            """)
        return try rows.mapRows { (row) throws(StorageError) in
            ForeignUse(
                podUID: try row.text(0), namespace: try row.text(1), podName: try row.text(2),
                node: try row.textOrNull(3), pool: try row.textOrNull(4), resource: try row.text(5),
                amount: Int(try row.integer(6)), reason: ForeignUse.Reason(rawValue: try row.text(7)) ?? .unsealed)
        }
    }

    func withheld() throws(StorageError) -> [WithheldNode] {
        let rows = try connection.query(
            "SELECT node, reason, until_unix_ms FROM withheld_node ORDER BY node, reason")
        var withheld: [WithheldNode] = []
        for row in rows {
            guard let reason = WithheldNode.Reason(rawValue: try row.text(1)) else { continue }
            let until = try row.integerOrNull(2).map(Instant.init(unixMilliseconds:))
            withheld.append(WithheldNode(node: try row.text(0), reason: reason, until: until))
        }
        return withheld
    }

    /// Writes what differs only: most snapshots show what the one before did.
    func replace(foreign before: [ForeignUse], by after: [ForeignUse]) throws(StorageError) {
        let (old, new) = (Set(before), Set(after))
        for use in before where !new.contains(use) {
            try connection.execute(
                "DELETE FROM foreign_use WHERE pod_uid = $1 AND resource = $2",
                [SQLValue(use.podUID), SQLValue(use.resource)])
        }
        for use in after where !old.contains(use) {
            try connection.execute(
                """
                INSERT INTO foreign_use (pod_uid, resource, namespace, pod_name, node, pool, amount, reason)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    SQLValue(use.podUID), SQLValue(use.resource), SQLValue(use.namespace), SQLValue(use.podName),
                    SQLValue(use.node), SQLValue(use.pool), SQLValue(use.amount), SQLValue(use.reason.rawValue),
                ])
        }
    }

    func replace(withheld before: [WithheldNode], by after: [WithheldNode]) throws(StorageError) {
        let (old, new) = (Set(before), Set(after))
        for node in before where !new.contains(node) {
            try connection.execute(
                "DELETE FROM withheld_node WHERE node = $1 AND reason = $2",
                [SQLValue(node.node), SQLValue(node.reason.rawValue)])
        }
        for node in after where !old.contains(node) {
            try connection.execute(
                "INSERT INTO withheld_node (node, reason, until_unix_ms) VALUES ($1, $2, $3)",
                [SQLValue(node.node), SQLValue(node.reason.rawValue), SQLValue(node.until?.unixMilliseconds)])
        }
    }
}
