// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// What operators have changed, the newest first, page by page.
    func audit(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names("before", "limit")
        let most = try call.query.number("limit", in: 1...Self.pageMost) ?? 200
        let before = try call.query.number("before", in: 1...Int.max).map { Int64($0) } ?? .max
        var found: [AuditEntry]
        do { found = try await ledger.auditEntries(before: before, most: most + 1) } catch { throw Problem(error) }
        let isMore = found.count > most
        if isMore { found.removeLast() }
        return try call.ok(
            AdminList(
                columns: ["at", "actor", "role", "action", "target", "before", "after", "reason", "request_id"],
                items: found.map(\.json), next: isMore ? found.last.map { "\($0.sequence)" } : nil))
    }
}

extension AuditEntry {
    fileprivate var json: JSON {
        [
            "sequence": JSON(Int(sequence)), "at": JSON(at.description), "actor": JSON(by.name),
            "role": JSON(by.role), "action": JSON(action.rawValue), "target": JSON(target), "before": JSON(before),
            "after": JSON(after), "reason": JSON(by.reason), "request_id": JSON(by.requestID),
        ]
    }
}
