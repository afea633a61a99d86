// SPDX-License-Identifier: Apache-2.0
import Identity

extension Reading {
    mutating func admin(_ item: Item?, of hubs: [Deployment], _ issuers: [IssuerTerms]) -> AdminTerms? {
        guard let item, item.isMapping else { return nil }
        if item["tokens"] == nil, item["hub_tokens"] == nil, item["issuer_tokens"] == nil {
            fault(
                item, "lets nobody in", "Add `tokens: [{name: oncall, role: operator, token_file: secrets/oncall}]`.",
                atKey: true)
        }
        let tokens = (item["tokens"]?.elements ?? []).compactMap { adminToken($0) }
        refuseRepeats(
            (item["tokens"]?.elements ?? []).compactMap { one in one.text("name").map { ($0, one["name"] ?? one) } },
            "name")
        refuseSharedTokens(tokens, item["tokens"]?.elements ?? [], hubs)
        return AdminTerms(
            tokens: tokens, hubs: adminHubs(item["hub_tokens"]?["deployments"], hubs),
            issuer: issuerRoles(item["issuer_tokens"], issuers))
    }

    private mutating func adminToken(_ item: Item) -> AdminTerms.Token? {
        guard item.isMapping, let file = item["token_file"], let name = item.text("name"),
            let role = item.text("role").flatMap(AdminRole.init)
        else { return nil }
        return AdminTerms.Token(name: name, role: role, secret: secret(inFileOf: file))
    }

    /// Whoever has a hub's token must not be an operator by it, nor one operator another.
    private mutating func refuseSharedTokens(_ tokens: [AdminTerms.Token], _ items: [Item], _ hubs: [Deployment]) {
        for (place, token) in tokens.enumerated() {
            guard let item = items.first(where: { $0.text("name") == token.name })?["token_file"] else { continue }
            let others = tokens[..<place].map { ($0.name, $0.secret) } + hubs.map { ($0.name, $0.hookToken) }
            guard let same = others.first(where: { token.secret.isSame(as: $0.1) }) else { continue }
            fault(item, "holds the same token as \(quoted(same.0))", "Give each its own.")
        }
    }

    private mutating func adminHubs(_ item: Item?, _ hubs: [Deployment]) -> [AdminTerms.Hub] {
        (item?.elements ?? []).compactMap { one in
            guard let name = reference(one, to: names.deployments, "deployment", "Define it under `deployments`.")
            else { return nil }
            guard let api = hubs.first(where: { $0.name == name })?.hubAPI else {
                fault(one, "has no `hub_api` that could be asked", "Add `hub_api: {url: …}` to the deployment.")
                return nil
            }
            return AdminTerms.Hub(deployment: name, url: api.url)
        }
    }

    private mutating func issuerRoles(_ item: Item?, _ issuers: [IssuerTerms]) -> AdminTerms.IssuerRoles? {
        guard let item, item.isMapping, let written = item["issuer"],
            let name = reference(written, to: names.issuers, "issuer", "Define it under `identity.issuers`."),
            let terms = issuers.first(where: { $0.issuer == name })
        else { return nil }
        if terms.audiences.isEmpty {
            fault(
                written, "has no `audiences`",
                "Name whom its tokens must be for: without it, what it gave to any program would do.")
        }
        if !names.sources.contains("roles") {
            fault(written, "gives no roles", "Add `roles: […]` to it under `identity.issuers`.")
        }
        var roles: [AdminRole: [String]] = [:]
        for role in AdminRole.allCases { roles[role] = item["roles"]?.texts(role.rawValue) }
        if let written = item["roles"], roles.isEmpty {
            fault(written, "names no role", "Write one such as `operator: gpu-oncall`.", atKey: true)
        }
        return AdminTerms.IssuerRoles(terms: terms, roles: roles)
    }
}
