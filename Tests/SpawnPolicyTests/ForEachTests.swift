// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

@Suite struct ForEachTests {
    private func policy(_ source: ForEach.Source, _ set: SetBlock) -> Policy {
        Policy.of(.of("p"), rules: [.of("each", forEach: ForEach(source), set: set)])
    }

    private func mounts(_ pattern: String = "/projects/{project}/members") throws -> Policy {
        policy(
            .names(.group, try NamePattern(parsing: pattern)),
            try .of(
                server: [
                    "volumeMounts": ["/projects/${project}": ["name": "projects", "subPath": "${project}"]],
                    "env": ["LAST": "${project}"], "lifecycle": ["x": ["${each}"]],
                ], names: .captures("project")))
    }

    @Test func `each group of the form gets its own, in the order of names`() throws {
        let groups = [
            "/projects/b/members", "/other", "/projects/a/members", "/projects/a/b/members", "/projects//members",
        ]
        let server = try mounts().decide(nil, for: .of(groups: groups)).grant?.server()
        #expect(
            server == [
                "volumeMounts": [
                    ["mountPath": "/projects/a", "name": "projects", "subPath": "a"],
                    ["mountPath": "/projects/b", "name": "projects", "subPath": "b"],
                ],
                "env": [["name": "LAST", "value": "b"]],
                "lifecycle": ["x": ["/projects/a/members", "/projects/b/members"]],
            ])
    }

    @Test func `the order of the claim does not matter`() throws {
        var random = Seeded("POLICY_SEED")
        let groups = (0..<40).map { "/projects/p\($0)/members" }
        let policy = try mounts()
        let expected = policy.decide(nil, for: .of(groups: groups)).grant
        for _ in 0..<20 {
            #expect(policy.decide(nil, for: .of(groups: groups.shuffled(using: &random))).grant == expected)
        }
    }

    @Test func `without a match the rule does not apply`() throws {
        let grant = try mounts().decide(nil, for: .of(groups: ["/x"])).grant
        #expect(grant?.changes == [])
        #expect(grant?.rules == [])
        #expect(try mounts().decide(nil, for: .of()).grant?.changes == [])
    }

    @Test func `too many matches are refused`() throws {
        let groups = (0..<257).map { "/projects/p\($0)/members" }
        #expect(try mounts().decide(nil, for: .of(groups: groups)).reason == .valueUnfit)
        #expect(try mounts().decide(nil, for: .of(groups: Array(groups.dropLast()))).grant != nil)
    }

    @Test func `a group that leads upwards is refused`() throws {
        #expect(try mounts().decide(nil, for: .of(groups: ["/projects/../members"])).reason == .valueUnfit)
    }

    @Test func `elements of a claim, only those that are meant`() throws {
        let source = ForEach.Source.claim(
            ["detail"], where: Rule(.claim(path: ["permissions"], equals: "mount"), line: 1))
        let policy = policy(
            source, try .of(server: ["volumeMounts": ["/s/${each.name | leaf}": ["name": "s"]]], names: .captures()))
        let claims: JSON = [
            "detail": [
                ["name": "/b/x", "permissions": ["mount"]], ["name": "/a/y", "permissions": ["mount", "z"]],
                ["name": "/c/z", "permissions": []], ["name": "/d/w"],
            ]
        ]
        #expect(
            try policy.decide(nil, for: .of(claims: claims)).grant?.server()?["volumeMounts"]?.array?.compactMap {
                $0["mountPath"]?.string
            }
                == ["/s/y", "/s/x"])
    }

    @Test(
        arguments: [
            ("course::{id}::role::{role}", "course::12::role::staff", ["id": "12", "role": "staff"]),
            ("{a}-staff", "x-staff-staff", ["a": "x-staff"]), ("{a}", "x", ["a": "x"]), ("fixed", "fixed", [:]),
            ("{a}::{b}", "::::", ["a": ":", "b": ":"]), ("{a}::{b}", ":::", nil), ("{a}", "x/y", nil),
            ("a{x}b", "ab", nil), ("{a}-{b}", "é-ü", ["a": "é", "b": "ü"]),
        ] as [(String, String, [String: String]?)])
    func `a pattern takes whole names apart`(pattern: String, name: String, expected: [String: String]?) throws {
        let parsed = try NamePattern(parsing: pattern)
        let captures = Set(parsed.captures)
        var names = Reference.Names()
        names.captures = captures
        let text = captures.sorted().map { "${\($0)}" }.joined(separator: "|")
        let policy = policy(.names(.group, parsed), try .of(server: ["x": JSON(text)], names: names))
        let found = policy.decide(nil, for: .of(groups: [name])).grant
        #expect((found?.changes.isEmpty == false) == (expected != nil))
        if let expected {
            #expect(
                try found?.server()?["x"]?.string == captures.sorted().map { expected[$0] ?? "" }.joined(separator: "|")
            )
        }
    }

    @Test(arguments: ["{a}{b}", "{a", "{}", "{a}-{a}", "{user}", "{a b}"])
    func `a pattern that says too little is refused`(pattern: String) {
        #expect(throws: TemplateFault.self) { try NamePattern(parsing: pattern) }
    }
}

@Suite struct ObjectTests {
    private let secret: JSON = [
        "apiVersion": "v1", "kind": "Secret", "stringData": ["token": "${claims.token}"],
    ]
    private var names: Reference.Names {
        var names = Reference.Names()
        names.objects = ["cred"]
        return names
    }

    private func policy(_ lifetime: SessionObject.Lifetime, _ rules: [SiteRule], name: ValueTemplate? = nil) -> Policy {
        Policy.of(.of("p"), rules: rules, objects: ["cred": ObjectDeclaration(lifetime: lifetime, name: name)])
    }

    @Test func `an object has a name of its server, which references say`() throws {
        let rules = [
            SiteRule.of(
                set: try .of(
                    pod: ["spec": ["volumes": ["c": ["secret": ["secretName": "${objects.cred}"]]]]],
                    objects: [("cred", secret)], names: names))
        ]
        let subject = Subject.of("ada", claims: ["token": "t\n$(X)"])
        let grant = try #require(policy(.session, rules).decide(nil, for: subject).grant)
        let object = try #require(grant.objects.first)
        let name = try #require(object.manifest["metadata"]?["name"]?.string)
        #expect(name.wholeMatch(of: /berth-cred-[0-9a-f]{16}/) != nil)
        #expect(grant.changes[0].fields["pod"]?["spec"]?["volumes"]?["c"]?["secret"]?["secretName"]?.string == name)
        #expect(object.manifest["stringData"]?["token"] == "t\n$(X)")
        #expect(object.manifest["metadata"]?["labels"]?["berth.io/user"] == "ada")
        let other = policy(.session, rules).decide(nil, for: subject, server: "second").grant?.objects.first
        #expect(other?.manifest["metadata"]?["name"]?.string != name)
        let kept = policy(.user, rules).decide(nil, for: subject).grant?.objects.first?.manifest["metadata"]?["name"]
        #expect(
            kept
                == policy(.user, rules).decide(nil, for: subject, server: "second").grant?.objects.first?.manifest[
                    "metadata"]?["name"])
    }

    @Test func `later parts merge into an object, or take it away`() throws {
        let subject = Subject.of(groups: ["g"], claims: ["token": "t"])
        let base = SiteRule.of(set: try .of(objects: [("cred", secret)]))
        let more = SiteRule.of(
            when: .group("g"), set: try .of(objects: [("cred", ["stringData": ["x": "1", "token": nil]])]))
        #expect(
            policy(.keep, [base, more]).decide(nil, for: subject).grant?.objects.first?.manifest["stringData"] == [
                "x": "1"
            ])
        let off = SiteRule.of(when: .group("g"), set: try .of(objects: [("cred", nil)]))
        #expect(policy(.keep, [base, off]).decide(nil, for: subject).grant?.objects == [])
    }

    @Test func `an object of another rule that does not apply has no name`() throws {
        let declares = SiteRule.of(when: .group("g"), set: try .of(objects: [("cred", secret)]))
        let refers = SiteRule.of(set: try .of(server: ["x": "${objects.cred}"], names: names))
        #expect(
            policy(.session, [declares, refers]).decide(nil, for: .of(groups: [], claims: ["token": "t"])).reason
                == .valueMissing)
    }

    @Test(arguments: [("ada", true), ("Ada", false), ("a/b", false), ("..", false)])
    func `a name of one's own must be valid`(user: String, isGood: Bool) throws {
        let template = try ValueTemplate(parsing: "claim-${user.name}", at: .objectName, names: Reference.Names())
        let declares = SiteRule.of(set: try .of(objects: [("cred", ["kind": "Secret"])]))
        let decision = policy(.user, [declares], name: template).decide(nil, for: .of(user))
        let made = decision.grant?.objects.first?.manifest["metadata"]?["name"]?.string
        #expect(made == (isGood ? "claim-\(user)" : nil))
        #expect((decision.reason == .valueUnfit) != isGood)
    }
}
