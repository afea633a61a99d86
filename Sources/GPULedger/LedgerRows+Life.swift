// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage

/// A live reservation as an observation needs it.
struct LivingReservation {
    let life: Life
    let number: Int64
    let server: ServerID
    let pool: String
    /// Of the pool's resource, on all its devices.
    let units: Int
    /// Where it is placed; all its devices are on one node.
    let node: String?
    /// Every pod it has met, with what proved the end of those that have ended.
    var pods: [(known: KnownPod, hasEnded: Bool)] = []
}

extension LedgerRows {
    static let livesMost = 20_000

    /// Those whose pods can be seen, oldest first.
    func lives() throws(StorageError) -> [LivingReservation] {
        let rows = try connection.query(
            """
            SELECT id, state, held_until_unix_ms, walltime_ms, ends_by_unix_ms, stop_wanted_at_unix_ms,
                created_at_unix_ms, number, deployment, user_name, server_name, pool,
                (SELECT CAST(coalesce(sum(units), 0) AS BIGINT) FROM placement WHERE reservation_id = id),
                (SELECT min(node) FROM placement WHERE reservation_id = id)
            FROM reservation WHERE \(Reservation.State.isLiveSQL()) AND pool IS NOT NULL AND is_podless = 0
            ORDER BY number LIMIT \(Self.livesMost)
            """)
        let pods = Dictionary(grouping: try podsOfLive(), by: \.known.reservationID)
        return try rows.mapRows { (row) throws(StorageError) in
            let met = pods[try row.text(0)] ?? []
            return LivingReservation(
                life: try Life(row, hasMetPod: met.contains { !$0.known.isInherited }),
                number: try row.integer(7),
                server: ServerID(deployment: try row.text(8), user: try row.text(9), name: try row.text(10)),
                pool: try row.text(11), units: Int(try row.integer(12)),
                node: try row.textOrNull(13), pods: met)
        }
    }

    private func podsOfLive() throws(StorageError) -> [(known: KnownPod, hasEnded: Bool)] {
        let rows = try connection.query(
            """
            SELECT p.pod_uid, p.reservation_id, p.node, p.node_uid, p.is_inherited, p.end_evidence
            FROM reservation r JOIN reservation_pod p ON p.reservation_id = r.id
            WHERE \(Reservation.State.isLiveSQL("r.state")) ORDER BY p.pod_uid
            """)
        return try rows.mapRows { (row) throws(StorageError) in
            let known = KnownPod(
                uid: try row.text(0), reservationID: try row.text(1), node: try row.textOrNull(2),
                nodeUID: try row.textOrNull(3), isInherited: try row.integer(4) == 1)
            return (known, try row.textOrNull(5) != nil)
        }
    }

    func note(_ pod: KnownPod) throws(StorageError) {
        try connection.execute(
            """
            INSERT INTO reservation_pod (pod_uid, reservation_id, node, node_uid, is_inherited)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (pod_uid) DO UPDATE SET node = excluded.node, node_uid = excluded.node_uid
            """,
            [
                SQLValue(pod.uid), SQLValue(pod.reservationID), SQLValue(pod.node), SQLValue(pod.nodeUID),
                SQLValue(pod.isInherited ? 1 : 0),
            ])
    }

    func note(endOf uid: String, _ evidence: String) throws(StorageError) {
        try connection.execute(
            "UPDATE reservation_pod SET end_evidence = $2 WHERE pod_uid = $1 AND end_evidence IS NULL",
            [SQLValue(uid), SQLValue(evidence)])
    }
}

extension Life {
    fileprivate init(_ row: SQLRow, hasMetPod: Bool) throws(StorageError) {
        self.init(
            id: try row.text(0),
            state: try Reservation.State(rawValue: try row.text(1)).orCorrupt("state"),
            heldUntil: Instant(unixMilliseconds: try row.integer(2)),
            walltime: try row.integerOrNull(3).map(Duration.milliseconds),
            endsBy: try row.integerOrNull(4).map(Instant.init(unixMilliseconds:)),
            stopWantedAt: try row.integerOrNull(5).map(Instant.init(unixMilliseconds:)),
            hasMetPod: hasMetPod,
            createdAt: Instant(unixMilliseconds: try row.integer(6)))
    }
}
