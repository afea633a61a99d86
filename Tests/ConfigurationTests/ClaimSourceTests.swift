// SPDX-License-Identifier: Apache-2.0
import Configuration
import Identity
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

@Suite struct ClaimSourceTests {
    @Test func `each way of reading a claim reaches the mapping`() throws {
        let text = """
            identity:
              issuers:
                - issuer: https://idp.example.org
                  username: {claims: [tid, oid], joined_by: "-", case: exact, domain: example.org}
                  roles:
                    - roles
                    - {claim: roles, split: ","}
                    - {claim: eduperson_entitlement, as: aarc, namespaces: ["urn:geant:Example.de"], authorities: [aai]}
                  groups:
                    - {claim: memberships, each: group.name, where: {status: active, level: [1, 2]}}
                    - {claim: teams, each: [organization.login, slug], joined_by: ":"}
                    - {claim: [wlcg.groups], as: wlcg}
                    - {claim: [a.b, c]}
                  entitlements:
                    - {claim: e, as: aarc, namespaces: ["urn:a:b"], imply_parents: true}
                    - {claim: affiliation, as: scoped, scopes: [Example.org], scope_claim: schac_home_organization}
            """
        let mapping = try #require(try Sample(text).load().site).identity[0]
        #expect(
            mapping.username
                == UsernameSource(
                    claims: [try ClaimPath("tid"), try ClaimPath("oid")], joint: "-", foldsCase: false,
                    domain: "example.org"))
        #expect(
            mapping.roles == [
                ClaimSource(try ClaimPath("roles")), ClaimSource(try ClaimPath("roles"), .joined(by: ",")),
                ClaimSource(
                    try ClaimPath("eduperson_entitlement"),
                    .aarc(AARCTerms(namespaces: ["urn:geant:example.de"], authorities: ["aai"]))),
            ])
        let conditions = [
            ElementTerms.Condition(try ClaimPath("status"), ["active"]),
            ElementTerms.Condition(try ClaimPath("level"), [1, 2]),
        ]
        #expect(
            mapping.groups == [
                ClaimSource(
                    try ClaimPath("memberships"),
                    .elements(ElementTerms(name: try ClaimPath("group.name"), conditions: conditions))),
                ClaimSource(
                    try ClaimPath("teams"),
                    .elements(
                        ElementTerms(name: [try ClaimPath("organization.login"), try ClaimPath("slug")], joint: ":"))),
                ClaimSource(ClaimPath(names: ["wlcg.groups"])!, .wlcg), ClaimSource(ClaimPath(names: ["a.b", "c"])!),
            ])
        #expect(
            mapping.entitlements == [
                ClaimSource(try ClaimPath("e"), .aarc(AARCTerms(namespaces: ["urn:a:b"], impliesParents: true))),
                ClaimSource(
                    try ClaimPath("affiliation"),
                    .scoped(ScopeTerms(scopes: ["example.org"], claim: try ClaimPath("schac_home_organization")))),
            ])
    }

    @Test(arguments: [
        (
            #"{claim: a, split: ",", each: b}"#,
            "56: has `split` and `each` side by side. "
                + "A claim is read in one way: keep one of them."
        ),
        (
            #"{claim: a, split: ", "}"#,
            #"74: ", " is more than one sign. "#
                + #"Write the one that stands between names, such as ","."#
        ),
        (#"{split: ","}"#, "56: `claim` is missing. The claim to read."),
        (
            "{claim: a, where: {b: c}}", "67: `where` goes with `each`. Add that, or leave the key out."
        ),
        (
            "{claim: a, as: scoped, scopes: [x], namespaces: [x]}",
            "92: `namespaces` goes with `as: aarc`. Add that, or leave the key out."
        ),
        (
            #"{claim: a, each: b, joined_by: ":"}"#,
            "73: is one member, and `joined_by` says what stands between several. "
                + "Write `each: [organization.login, slug]`, or leave `joined_by` out."
        ),
        (
            "{claim: a, each: b, where: {c: {d: e}}}",
            "87: must be a value or a list of values. Write `{c: active}` or `{c: [a, b]}`."
        ),
        (
            "{claim: a, as: aarc}",
            "56: does not say whose entitlements count. "
                + #"Add `namespaces: ["urn:geant:example.de"]`: anybody's can stand in that claim."#
        ),
        (
            "{claim: a, as: aarc, namespaces: [example.de]}",
            "90: is not a namespace. "
                + "Write what stands before `:group:`, such as `urn:geant:example.de` or `urn:geant:example.de:unit`."
        ),
        (
            "{claim: a, as: aarc, namespaces: ['urn:a:b'], imply_parents: true}",
            "102: a role is one of its group only. Leave the key out."
        ),
        (
            "{claim: a, as: wlcg}",
            "71: WLCG tokens have groups and capabilities, and no roles. "
                + "Put the source under `groups` (`wlcg.groups`) or `entitlements` (`scope`)."
        ),
        (
            "{claim: a, as: scoped}",
            "56: does not say whose word counts. "
                + "Add `scopes: [example.org]` or `scope_claim: schac_home_organization`."
        ),
        (
            "{claim: a, as: arc}",
            #"71: "arc" is not possible here. Did you mean `aarc`? "#
                + "Possible: `aarc`, `wlcg`, `scoped`."
        ),
    ]) func `a source that cannot be read is refused with its remedy`(source: String, wanted: String) throws {
        let found = try faults(in: #"identity: {issuers: [{issuer: "https://a.org", roles: [\#(source)]}]}"#)
        let (column, words) = (wanted.prefix { $0 != ":" }, wanted.drop { $0 != ":" })
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("berth.yaml:1:\(column): identity.issuers[0].roles[0]") == true, "\(found)")
        #expect(found.first?.hasSuffix(words) == true, "\(found)")
    }

    @Test(arguments: [
        ("{case: fold}", "must have one of `claim` and `claims`"),
        ("{claim: a, claims: [b, c], joined_by: x}", "must have one of `claim` and `claims`"),
        ("{claims: [b, c]}", "has one of `claims` and `joined_by` without the other"),
        ("{claim: a, joined_by: x}", "has one of `claims` and `joined_by` without the other"),
        ("prefered_username", "is not a known source"),
    ]) func `a username that cannot be told is refused`(username: String, words: String) throws {
        let found = try faults(in: #"identity: {issuers: [{issuer: "https://a.org", username: \#(username)}]}"#)
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }

    @Test func `names in rules are compared in the same form as those in claims`() throws {
        let text = """
            identity:
              compare: {groups: {case: fold, path: leaf}, roles: {case: fold}}
              issuers:
                - {issuer: "https://a.org", roles: [r], groups: [g], entitlements: [{claim: scope, as: wlcg}]}
            profiles:
              - display_name: A
                allow:
                  all: [{group: /Teams/GPU}, {role: Staff}, {group: {matches: "gpu-.*"}}, {entitlement: "storage.read:/a"}]
            """
        let site = try #require(try Sample(text).load().site)
        let line = 8
        let read = ["storage.read:/a", "storage.read:/"].map { Rule(.entitlement($0), line: line) }
        let tests: [Rule.Test] = [
            .group("gpu"), .role("staff"), .matches(.group, try Pattern("(?i)gpu-.*")), .any(read),
        ]
        #expect(site.policy.profiles[0].allow.test == .all(tests.map { Rule($0, line: line) }))

        let claims = try JSON(parsing: #"{"r": ["STAFF"], "g": ["/x/Gpu", "/y/GPU-2"], "scope": "storage.read:/"}"#)
        let subject = try site.subjectReader(for: site.deployments[0]).subject(
            for: HubUser(name: "ana", isAdmin: false, groups: []), claims: claims, deployment: "production")
        #expect(Evaluation(of: subject).allows(site.policy.profiles[0].allow))
    }

    @Test func `names are compared as they are written where nothing is said`() throws {
        let text = #"identity: {compare: {}, issuers: [{issuer: "https://a.org"}]}"#
        #expect(try #require(try Sample(text).load().site).nameForms == .asWritten)
    }

    @Test func `a deployment whose names differ need not be held against the claims`() throws {
        let text = """
            identity: {issuers: [{issuer: "https://a.org", username: n}]}
            deployments:
              one: {hook_token_file: production.token, trust: auth_state}
              two: {hook_token_env: BERTH_NO_SUCH, trust: auth_state, check_username: false}
            """
        let site = try #require(try Sample(text).load(.optional).site)
        func subject(_ deployment: Int) throws -> Subject {
            try site.subjectReader(for: site.deployments[deployment]).subject(
                for: HubUser(name: "ana", isAdmin: false, groups: []), claims: ["n": "bo"], deployment: "x")
        }
        #expect(throws: IdentityError.otherUsername(hub: "ana", claims: "bo")) { _ = try subject(0) }
        #expect(try subject(1).name == "ana")
    }
}
