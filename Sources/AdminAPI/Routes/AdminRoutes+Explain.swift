// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPServer
import HubAPI
import Identity
import JSONTree
import SpawnModel
import SpawnPolicy

extension AdminRoutes {
    /// Why somebody may or may not have each thing of the policy, as `berth explain` says it. Nobody is asked: claims
    /// are those of the question, and without them every claim is unknown.
    func explain(_ call: AdminCall) throws(Problem) -> HTTPResponse {
        try call.members("user", "admin", "groups", "deployment", "claims", "options")
        let subject = try subject(call)
        let rows = call.site.policy.explain(for: subject)
        var answer: JSONObject = [
            "items": JSON(rows.map(\.json)),
            "roles": subject.roles.map { JSON($0.map { JSON($0) }) } ?? .null,
            "groups": subject.groups.map { JSON($0.map { JSON($0) }) } ?? .null,
        ]
        if let options = call.body["options"], !options.isNull {
            answer["decision"] = call.site.policy.decide(options, for: subject).explained
        }
        guard try call.query.format() == .json else {
            return try call.ok(
                AdminList(columns: ["allowed", "kind", "name", "why"], items: rows.map(\.json)))
        }
        return call.ok(JSON(answer))
    }

    private func subject(_ call: AdminCall) throws(Problem) -> Subject {
        guard let user = try call.text("user", most: 255), !user.isEmpty else {
            throw .adminMalformed("`user`", "is missing: it is the JupyterHub user's name")
        }
        let deployment = try deployment(call)
        let groups = call.body["groups"]?.array?.compactMap(\.string) ?? []
        let isAdmin = try call.flag("admin")
        let reader = call.site.subjectReader(for: deployment)
        do throws(IdentityError) {
            return try reader.subject(
                for: HubUser(name: user, isAdmin: isAdmin, groups: groups), claims: call.body["claims"],
                deployment: deployment.name)
        } catch {
            throw .adminMalformed("`claims`", "cannot be used: \(error)")
        }
    }

    /// The first of the file stands for all where rules do not ask for one.
    private func deployment(_ call: AdminCall) throws(Problem) -> Deployment {
        guard let name = try call.text("deployment", most: 63) else { return call.site.deployments[0] }
        guard let deployment = call.site.deployment(name) else {
            throw .adminMalformed("`deployment`", "is none of the configuration's")
        }
        return deployment
    }
}

extension Explanation {
    fileprivate var json: JSON {
        ["allowed": JSON(isAllowed), "kind": JSON(item.kind), "name": JSON(item.name), "why": JSON(sentence)]
    }
}

extension Explanation.Item {
    fileprivate var kind: String {
        switch self {
        case .profile: "profile"
        case .option: "option"
        case .choice: "choice"
        case .unlistedChoice: "typed"
        case .rule: "rule"
        }
    }

    fileprivate var name: String {
        switch self {
        case .profile(let name), .rule(let name): name
        case .option(let profile, let option), .unlistedChoice(let profile, let option): "\(profile)/\(option)"
        case .choice(let profile, let option, let choice): "\(profile)/\(option)/\(choice)"
        }
    }
}

extension Decision {
    fileprivate var explained: JSON {
        switch self {
        case .allow(let grant):
            [
                "allowed": true, "profile": JSON(grant.profile), "pool": grant.gpu.map { JSON($0.pool) } ?? .null,
                "rules": JSON(grant.rules.map { JSON($0) }), "warnings": JSON(grant.warnings.map { JSON($0) }),
            ]
        case .refuse(let refusal):
            [
                "allowed": false, "code": JSON(refusal.reason.rawValue), "user_message": JSON(refusal.userMessage),
                "detail": JSON(refusal.detail),
            ]
        }
    }
}
