// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import Identity
import JSONTree
import SpawnModel
import Telemetry

/// One question of a hub, read and checked as far as all questions are alike.
///
/// A class, since closures take it along and a copy would count all its owners.
final class HubCall: Sendable {
    let id: RequestID
    let route: HubRoute
    let site: Site
    let deployment: Deployment
    let user: HubUser
    let server: ServerID
    /// Nil where the hub did not say which start it means.
    let start: StartID?
    /// Who asks for it, where that is not the user: an administrator or a service. For the log; their rights don't count.
    let actingFor: String?
    /// The whole body, for what only one route reads.
    let body: JSON

    /// - Throws: `Problem` 400 with the byte offset where the body is no JSON, 422 with the member where it is not ours.
    init(_ request: HTTPRequest, id: RequestID, route: HubRoute, site: Site, deployment: Deployment) throws(Problem) {
        let body = try Self.parsed(request.body)
        let user = try Self.user(in: body)
        let server = body["server"] ?? .emptyObject
        guard server.kind == .object else { throw .malformed("server", "must be an object with `name` and `start`") }
        self.id = id
        self.route = route
        self.site = site
        self.deployment = deployment
        self.user = user
        self.server = ServerID(
            deployment: deployment.name, user: user.name, name: try Self.text("server.name", server["name"]) ?? "")
        self.start = try Self.start(server["start"])
        self.actingFor = try Self.text("acting_for.name", body["acting_for"]?["name"])
        self.body = body
    }

    private init(_ call: HubCall, site: Site, deployment: Deployment) {
        id = call.id
        route = call.route
        self.site = site
        self.deployment = deployment
        user = call.user
        server = call.server
        start = call.start
        actingFor = call.actingFor
        body = call.body
    }
}

extension HubCall {
    /// The same call under another configuration; nil where that is the one it has, or does not know its hub.
    func moved(to site: Site) -> HubCall? {
        guard site !== self.site, let deployment = site.deployment(deployment.name) else { return nil }
        return HubCall(self, site: site, deployment: deployment)
    }

    private static func parsed(_ bytes: [UInt8]) throws(Problem) -> JSON {
        let body: JSON
        do { body = try JSON(parsing: bytes) } catch {
            throw Problem(
                status: 400, code: "body-malformed", detail: "the body is not JSON: \(error)",
                userMessage: Problem.hubFaultMessage)
        }
        guard body.kind == .object else { throw .malformed("the body", "must be a JSON object") }
        return body
    }

    private static func user(in body: JSON) throws(Problem) -> HubUser {
        guard let user = body["user"], let name = try text("user.name", user["name"]), !name.isEmpty else {
            throw .malformed("user.name", "is missing: it is the JupyterHub user's name")
        }
        guard name.utf8.count <= 255 else { throw .malformed("user.name", "is longer than 255 bytes") }
        return HubUser(
            name: name,
            isAdmin: try flag("user.admin", user["admin"]),
            groups: try texts("user.groups", user["groups"])
        )
    }

    private static func start(_ json: JSON?) throws(Problem) -> StartID? {
        guard let text = try text("server.start", json) else { return nil }
        guard let start = StartID(text) else {
            throw .malformed("server.start", "must be 1 to 128 letters, digits, `.`, `_`, `:` or `-`")
        }
        return start
    }

    static func text(_ path: String, _ json: JSON?) throws(Problem) -> String? {
        guard let json, !json.isNull else { return nil }
        guard let text = json.string else { throw .malformed(path, "must be a string") }
        return text
    }

    static func flag(_ path: String, _ json: JSON?) throws(Problem) -> Bool {
        guard let json, !json.isNull else { return false }
        guard let flag = json.bool else { throw .malformed(path, "must be true or false") }
        return flag
    }

    private static func texts(_ path: String, _ json: JSON?) throws(Problem) -> [String] {
        guard let json, !json.isNull else { return [] }
        guard let items = json.array else { throw .malformed(path, "must be a list of strings") }
        var texts: [String] = []
        for item in items {
            guard let text = item.string else { throw .malformed(path, "must be a list of strings") }
            texts.append(text)
        }
        return texts
    }
}

extension Problem {
    /// What a user is told when their hub asked in a way that Berth cannot read.
    static let hubFaultMessage =
        "Your hub could not ask for a server correctly. This is not your doing: please tell the hub's operators."

    static func malformed(_ path: String, _ fault: String) -> Problem {
        Problem(
            status: 422, code: "body-invalid", detail: "\(path) \(fault)", userMessage: hubFaultMessage)
    }
}
