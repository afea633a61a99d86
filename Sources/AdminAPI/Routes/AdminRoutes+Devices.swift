// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// Every card and MIG instance, and who holds it.
    func devices(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names("node", "pool")
        let live: [Reservation]
        do { live = try await ledger.reservations(includingEnded: false) } catch { throw Problem(error) }
        let holders = Dictionary(live.map { ($0.id, $0.server) }, uniquingKeysWith: { first, _ in first })
        let (node, pool) = (call.query["node"], call.query["pool"])
        let rows = ledger.devices(now: call.now).filter { row in
            (node == nil || row.node == node) && (pool.map(row.pools.contains) ?? true)
        }
        return try call.ok(
            AdminList(
                columns: [
                    "node", "device", "profile", "memory_mib", "free_mib", "pools", "state", "holders", "reservations",
                    "measured_percent", "measured_mib", "measured_at", "unaccounted_mib",
                ],
                items: rows.map { $0.json(holders).merged(with: MeasuredDevice($0, measured, now: call.now).json) }))
    }
}

extension DeviceRow {
    /// The first that applies.
    fileprivate var state: String {
        if !reservationIDs.isEmpty { return "held" }
        if isForeign { return "foreign" }
        if isWithheld { return "withheld" }
        return isDrained ? "drained" : "free"
    }

    fileprivate func json(_ holders: [String: ServerID]) -> JSON {
        [
            "node": JSON(node), "card": JSON(card), "device": JSON(device),
            "profile": profile.map { JSON($0.name) } ?? .null, "memory_mib": JSON(memory.count),
            "free_mib": JSON(freeMemory.count), "pools": JSON(pools.map { JSON($0) }), "state": JSON(state),
            "drained": JSON(isDrained),
            "holders": JSON(reservationIDs.map { JSON(holders[$0].map { "\($0)" } ?? "unknown") }),
            "reservations": JSON(reservationIDs.map { JSON($0) }),
        ]
    }
}
