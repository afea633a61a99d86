// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree

extension Reading {
    mutating func identity(_ item: Item?) -> [ClaimsMapping] {
        let issuers = item?["issuers"]?.elements ?? []
        refuseRepeats(issuers.compactMap { one in one.text("issuer").map { ($0, one["issuer"] ?? one) } }, "issuer")
        return issuers.compactMap { mapping($0) }
    }

    private mutating func mapping(_ item: Item) -> ClaimsMapping? {
        guard item.isMapping else { return nil }
        checkIssuer(item["issuer"])
        checkIDs(item)
        return ClaimsMapping(
            issuer: item.text("issuer"), audiences: item.texts("audiences") ?? [], username: username(item["username"]),
            roles: sources(item["roles"], of: .roles), groups: sources(item["groups"], of: .groups),
            entitlements: sources(item["entitlements"], of: .entitlements),
            rolesIgnored: Set(item.texts("roles_ignored") ?? []), uid: knownPath(item["uid"]),
            gid: knownPath(item["gid"]), supplementalGroups: knownPath(item["supplemental_groups"]))
    }

    private mutating func checkIssuer(_ item: Item?) {
        guard let item, let issuer = item.text else { return }
        if !issuer.hasPrefix("https://"), !issuer.hasPrefix("http://") {
            fault(
                item, "\(quoted(issuer)) is not an issuer's URL",
                "Write it as the `iss` claim has it, such as `https://idp.example.org/realms/lab`.")
        }
    }

    private mutating func checkIDs(_ item: Item) {
        for (one, other) in [("uid", "gid"), ("gid", "uid"), ("supplemental_groups", "uid")] {
            guard let given = item[one], item[other] == nil else { continue }
            fault(given, "needs `\(other)` beside it", "A process has both a user and a group id.", atKey: true)
        }
    }

    /// A path that claims are read from, held against those that identity providers are known to use.
    mutating func knownPath(_ item: Item?) -> ClaimPath? {
        guard let item, let path = claimPath(item) else { return nil }
        if let text = item.text, !text.hasPrefix("/"), let meant = KnownClaims.slip(in: path.names) {
            let pointer = path.description
            fault(
                item, "\(quoted(text)) is not a known source",
                "Did you mean `\(meant)`? If not, write it as the pointer `\(pointer)`.")
        }
        return path
    }

    /// A claim's path: `realm_access.roles`, `/realm_access/roles`, or a list of names.
    mutating func claimPath(_ item: Item) -> ClaimPath? {
        guard let text = item.text else { return item.isList ? ClaimPath(names: item.texts) : nil }
        do throws(IdentityError) {
            return try ClaimPath(text)
        } catch {
            fault(item, "\(error)", "")
            return nil
        }
    }

    /// Whether the claim is a directory's or a look-up's, which is known whatever the hub sends.
    private func isOfFurtherSource(_ claim: Item?) -> Bool {
        let path = claim.flatMap { claim in claim.text.flatMap { try? ClaimPath($0).names } ?? claim.texts }
        return path?.first.map(names.furtherSources.contains) ?? false
    }

    /// An issuer's entry says how its claims are read: where a hub's are not, neither is what stands beside them.
    mutating func warnUnreadSources(_ identity: Item?, of deployments: [Deployment]) {
        let hubs = deployments.filter { $0.trust == .none }.map { quoted($0.name) }
        guard !hubs.isEmpty else { return }
        for issuer in identity?["issuers"]?.elements ?? [] {
            let lists = ["roles", "groups", "entitlements"].flatMap { issuer[$0]?.elements ?? [] }
            let ids = ["uid", "gid", "supplemental_groups"].compactMap { issuer[$0] }
            for source in lists + ids where isOfFurtherSource(source["claim"] ?? source) {
                warn(
                    source,
                    "is not read for users of \(hubs.joined(separator: ", ")), none of whose claims are trusted",
                    "Write `trust: auth_state` or `token` there. A directory's groups and ids count without it "
                        + "(`directory.add_groups`), and rules may ask for its claim.")
            }
        }
    }

    /// A rule on roles or entitlements that no issuer gives can never be met.
    mutating func noteSource(_ test: String, _ item: Item) {
        let sources = ["role": "roles", "entitlement": "entitlements"]
        if sources[test] != nil || test == "claim" && !isOfFurtherSource(item["claim"]) { usesClaims = true }
        guard let source = sources[test], !names.sources.contains(source) else { return }
        fault(
            item, "asks for a \(test), and `identity` names no claim to take \(source) from",
            "Add `\(source): […]` to an issuer under `identity.issuers`.")
    }
}

/// Claims that identity providers and federations use; a path that nearly is one of them is a slip of the pen.
enum KnownClaims {
    private static let first = [
        "realm_access", "resource_access", "eduperson_entitlement", "eduperson_scoped_affiliation",
        "eduperson_assurance", "eduperson_unique_id", "preferred_username", "entitlements", "voperson_id",
        "voperson_external_affiliation", "cognito:groups", "schac_home_organization", "uidNumber", "gidNumber",
        "isMemberOf", "memberOf", "wlcg.groups", "roles", "groups", "email",
    ]

    /// The path that was probably meant, or nil when nothing is wrong with this one.
    static func slip(in path: [String]) -> String? {
        guard let head = path.first else { return nil }
        if let meant = near(head, first) { return ([meant] + path.dropFirst()).joined(separator: ".") }
        // Keycloak's own structure: these two hold `roles` and nothing else.
        let isRealm = head == "realm_access" && path.count == 2
        let isClient = head == "resource_access" && path.count == 3
        guard isRealm || isClient, let last = path.last, last != "roles" else { return nil }
        return (path.dropLast() + ["roles"]).joined(separator: ".")
    }

    /// Near enough to be sure: a long name with one or two letters wrong, or any name with its letters in disorder.
    private static func near(_ word: String, _ known: [String]) -> String? {
        guard !known.contains(word), word.utf8.count <= 64 else { return nil }
        return known.first { candidate in
            let isDisorder = candidate.count >= 5 && candidate.sorted() == word.sorted()
            let distance = editDistance(Array(word.unicodeScalars), Array(candidate.unicodeScalars))
            return isDisorder || candidate.count >= 10 && distance <= 2
        }
    }
}
