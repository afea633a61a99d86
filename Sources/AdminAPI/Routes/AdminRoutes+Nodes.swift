// SPDX-License-Identifier: Apache-2.0
import GPULedger
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    func nodes(_ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.query.names()
        return try call.ok(
            AdminList(
                columns: ["node", "devices", "devices_in_use", "state", "drained_by", "drained_at", "reason"],
                items: try await rows(call).map(\.json)))
    }

    /// Grants nothing more there; what runs goes on. A node is named that the inventory has, so that a slip of the pen
    /// is not taken for done.
    func drain(_ node: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason")
        let author = try call.author()
        guard try await rows(call).contains(where: { $0.node == node }) else { throw .nodeUnknown(node) }
        let isNew: Bool
        do { isNew = try await ledger.drain(node, by: author, now: call.now) } catch { throw Problem(error) }
        return try await marked(node, isNew ? "drained" : "already-drained", call)
    }

    func undrain(_ node: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        try call.members("reason")
        let author = try call.author()
        let isNew: Bool
        do { isNew = try await ledger.undrain(node, by: author, now: call.now) } catch { throw Problem(error) }
        return try await marked(node, isNew ? "undrained" : "not-drained", call)
    }

    private func rows(_ call: AdminCall) async throws(Problem) -> [NodeRow] {
        do { return try await ledger.nodes(now: call.now) } catch { throw Problem(error) }
    }

    private func marked(_ node: String, _ outcome: String, _ call: AdminCall) async throws(Problem) -> HTTPResponse {
        let row = try await rows(call).first { $0.node == node }
        return call.ok(["outcome": JSON(outcome), "node": row?.json ?? .null])
    }
}

extension NodeRow {
    fileprivate var json: JSON {
        [
            "node": JSON(node), "devices": JSON(devices), "devices_in_use": JSON(devicesInUse),
            "state": JSON(mark == nil ? "open" : "drained"), "drained_by": mark.map { JSON($0.drainedBy) } ?? .null,
            "drained_at": mark.map { JSON($0.drainedAt.description) } ?? .null,
            "reason": mark.map { JSON($0.reason) } ?? .null,
        ]
    }
}
