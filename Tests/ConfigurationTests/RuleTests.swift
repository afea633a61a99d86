// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import SpawnPolicy
import Testing

@Suite struct RuleTests {
    @Test func `every test of the language becomes its rule, with the line it stands in`() throws {
        let text = """
            profiles:
              - display_name: A
                allow:
                  all:
                    - {role: gpu-user}
                    - {group: /staff}
                    - {entitlement: "urn:x:y"}
                    - any: [{user: ada}, {admin: true}, {deployment: production}]
                    - {not: {claim: realm.name, equals: lab}}
                    - {claim: [resource_access, a.b], present: true}
                    - {claim: /a~1b/c, equals: 5}
                    - {claim: quota, at_least: 2.5}
                    - {claim: email, matches: '.*@example\\.org'}
                    - {claim: projects, some: {all: [{claim: state, equals: active}, {claim: hours, more_than: 0}]}}
                    - {group: {matches: /beamlines/.+}}
                    - {user: {matches: 'svc-.*'}}
            """ + identity
        let site = try #require(try Sample(text).load().site)
        let all = Rule.Test.all([
            Rule(.role("gpu-user"), line: 5), Rule(.group("/staff"), line: 6), Rule(.entitlement("urn:x:y"), line: 7),
            Rule(
                .any([
                    Rule(.user("ada"), line: 8), Rule(.admin(true), line: 8), Rule(.deployment("production"), line: 8),
                ]),
                line: 8),
            Rule(.not(Rule(.claim(path: ["realm", "name"], equals: "lab"), line: 9)), line: 9),
            Rule(.claimPresent(path: ["resource_access", "a.b"]), line: 10),
            Rule(.claim(path: ["a/b", "c"], equals: 5), line: 11),
            Rule(.claimNumber(path: ["quota"], .init(.atLeast, try JSON(parsing: "2.5"))), line: 12),
            Rule(.claimMatches(path: ["email"], try Pattern(#".*@example\.org"#)), line: 13),
            Rule(
                .claimElement(
                    path: ["projects"],
                    Rule(
                        .all([
                            Rule(.claim(path: ["state"], equals: "active"), line: 14),
                            Rule(.claimNumber(path: ["hours"], .init(.moreThan, 0)), line: 14),
                        ]), line: 14)),
                line: 14),
            Rule(.matches(.group, try Pattern("/beamlines/.+")), line: 15),
            Rule(.matches(.user, try Pattern("svc-.*")), line: 16),
        ])
        #expect(site.policy.profiles[0].allow == Rule(all, line: 4))
    }

    @Test func `a list is any of its rules`() throws {
        let text = "profiles:\n  - {display_name: A, allow: [{user: a}, {user: b}]}\n"
        let site = try #require(try Sample(text).load().site)
        #expect(
            site.policy.profiles[0].allow
                == Rule(.any([Rule(.user("a"), line: 2), Rule(.user("b"), line: 2)]), line: 2))
    }

    @Test func `two tests in one mapping are refused, since nothing says how they belong together`() throws {
        expect(
            try faults(in: profile("{user: a, group: b}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: has `user` and `group` side by side. Say how they belong together: "
                    + "`all: [{user: …}, {group: …}]` or `any: [{user: …}, {group: …}]`."
            ])
    }

    @Test func `a rule without a test, and with several words for one, is refused`() throws {
        expect(
            try faults(in: profile("{}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: says no test. "
                    + "Write one of role, group, entitlement, user, admin, deployment, claim, any, all, not."
            ])
        expect(
            try faults(in: profile("{group: [a, b]}")),
            are: [
                "berth.yaml:1:47: profiles[0].allow.group: must be text, or a mapping with keys such as `matches`, "
                    + "not a list. "
                    + "For several, write `any: [{group: …}, {group: …}]`."
            ])
    }

    @Test func `a claim needs exactly one thing to be tested`() throws {
        expect(
            try faults(in: profile("{claim: a}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: says no test of the claim. Add `equals: …`, `present: true`, "
                    + "or one of `matches`, `at_least`, `at_most`, `less_than`, `more_than`, `some`."
            ])
        expect(
            try faults(in: profile("{claim: a, equals: b, present: true}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: has `equals` and `present` side by side. "
                    + "Leave `present` out: what is tested is present."
            ])
        expect(
            try faults(in: profile("{claim: a, at_least: 1, less_than: 5}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: has `at_least` and `less_than` side by side. "
                    + "Write `all: [{claim: …, at_least: …}, {claim: …, less_than: …}]`."
            ])
        expect(
            try faults(in: profile(#"{claim: a, at_most: "5"}"#)),
            are: [
                "berth.yaml:1:59: profiles[0].allow.at_most: must be a number, not the text \"5\". "
                    + "Write it without quotes, such as `at_most: 10`."
            ])
        expect(
            try faults(in: profile(#"{claim: a, matches: "("}"#)),
            are: [
                "berth.yaml:1:59: profiles[0].allow.matches: \"(\" is not a pattern that can be used: "
                    + "missing closing parenthesis (at byte 1). Patterns are written as for Python's `re`."
            ])
        expect(
            try faults(in: profile("{claim: a, present: false}")),
            are: [
                "berth.yaml:1:59: profiles[0].allow.present: `present: false` would be true for nobody we can tell. "
                    + "Write `not: {claim: …, present: true}`."
            ])
        expect(
            try faults(in: profile("{user: a, equals: b}")),
            are: [
                "berth.yaml:1:49: profiles[0].allow.equals: `equals` goes with `claim`. Write `{claim: …, equals: …}`."
            ])
    }

    @Test func `a deployment in a rule must be one of the file`() throws {
        expect(
            try faults(in: profile("{deployment: prodution}")),
            are: [
                "berth.yaml:1:52: profiles[0].allow.deployment: \"prodution\" is not a deployment. Did you mean \"production\"?"
            ])
    }

    @Test func `a rule on a role needs a claim that roles are taken from`() throws {
        expect(
            try faults(in: profile("{role: staff}")),
            are: [
                "berth.yaml:1:39: profiles[0].allow: asks for a role, and `identity` names no claim to take roles from. "
                    + "Add `roles: […]` to an issuer under `identity.issuers`."
            ])
    }

    @Test func `rules on claims of a hub that is not trusted are warned of`() throws {
        let found = try warnings(
            in: profile("{role: staff}") + identity + "\ndeployments: {next: {hook_token_file: production.token}}\n")
        #expect(
            found.contains {
                $0.contains("deployments.next: rules ask for claims, and none of the hub \"next\" are trusted")
            })
    }

    @Test func `nobody is a warning, not an error`() throws {
        expect(
            try warnings(in: profile("{any: []}")),
            are: [
                "berth.yaml:1:32: profiles[0].allow: allows nobody. Remove the entry if that is meant."
            ])
        expect(
            try warnings(in: profile("{all: [{user: a}, {not: {all: []}}]}")),
            are: [
                "berth.yaml:1:32: profiles[0].allow: allows nobody. Remove the entry if that is meant."
            ])
    }

    private func profile(_ rule: String) -> String { "profiles: [{display_name: CPU, allow: \(rule)}]\n" }

    private let identity = """

        identity:
          issuers:
            - {issuer: https://idp.example.org, roles: [roles], groups: [groups], entitlements: [entitlements]}
        """
}
