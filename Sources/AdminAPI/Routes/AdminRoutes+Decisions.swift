// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HubAPI
import JSONTree
import SpawnModel

extension AdminRoutes {
    /// Who was granted or refused what, and why: the newest first, of this replica, since its start, as many as it keeps.
    func decisions(_ call: AdminCall) throws(Problem) -> HTTPResponse {
        try call.query.names("user", "deployment", "code", "limit")
        let most = try call.query.number("limit", in: 1...DecisionMemory.most) ?? 200
        let (user, deployment, code) = (call.query["user"], call.query["deployment"], call.query["code"])
        let found = hub.decisions.newest(most) { decision in
            (user == nil || decision.user == user) && (deployment == nil || decision.deployment == deployment)
                && (code == nil || decision.code == code)
        }
        return try call.ok(
            AdminList(
                columns: ["at", "deployment", "user", "server", "question", "code", "detail", "request_id"],
                items: found.map(\.json)))
    }
}

extension NotedDecision {
    fileprivate var json: JSON {
        var facts = JSONObject()
        for (name, value) in self.facts.sorted(by: { $0.key < $1.key }) { facts[name] = JSON(value) }
        return [
            "at": JSON(at.description), "deployment": JSON(deployment), "user": JSON(user), "server": JSON(server),
            "start": JSON(start), "question": JSON(question), "code": JSON(code), "detail": JSON(detail),
            "facts": JSON(facts), "request_id": JSON(requestID),
        ]
    }
}
