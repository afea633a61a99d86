// SPDX-License-Identifier: Apache-2.0
import Configuration
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// The policy language as it is written: `set`, `rules`, `maps`, `needs`.
@Suite struct SetTests {
    private func site(_ text: String, files: [String: String] = [:]) throws -> Site {
        let outcome = try Sample(text, files: files).load()
        return try #require(outcome.site, "\(outcome.faults.joined(separator: "\n"))")
    }

    private func subject(_ groups: [String] = [], claims: JSON = .emptyObject) -> Subject {
        Subject(
            name: "ada", isAdmin: false, deployment: "production", roles: nil, groups: groups, entitlements: nil,
            claims: claims, posix: PosixIdentity(uid: 1234, gid: 5678, supplementalGroups: []))
    }

    private func grant(_ text: String, _ groups: [String] = [], claims: JSON = .emptyObject, _ options: JSON? = nil)
        throws -> Grant
    {
        switch try site(text).policy.decide(options, for: subject(groups, claims: claims)) {
        case .allow(let grant): return grant
        case .refuse(let refusal): throw Refused(refusal.detail)
        }
    }

    private struct Refused: Error {
        let detail: String
        init(_ detail: String) { self.detail = detail }
    }

    @Test func `numbers in variables and labels are text, a reference alone keeps its type elsewhere`() throws {
        let text = """
            rules:
              - set:
                  server: {env: {N: 4, ON: true, UID: "${user.uid}", EMPTY: ""}, securityContext: {runAsUser: "${user.uid}"}}
                  pod: {metadata: {labels: {n: 4, gone: null}}}
            """
        let fields = try grant(text).changes[0].fields
        #expect(
            fields["server"] == [
                "env": ["N": "4", "ON": "true", "UID": "1234", "EMPTY": ""], "securityContext": ["runAsUser": 1234],
            ])
        #expect(fields["pod"]?["metadata"]?["labels"] == ["n": "4", "gone": nil])
    }

    @Test func `a block stands in a profile, a choice, an image, a GPU choice, a typed value and a rule alike`() throws
    {
        func env(_ name: String) -> String { "set: {server: {env: {\(name): \"1\"}}}" }
        let text = """
            images: [{id: base, image: "r.example.org/base:1", \(env("IMAGE"))}]
            pools: {a: {mode: whole}}
            inventory: {nodes: {n: {cards: [{uuid: GPU-1, product: A100, memory: 80Gi, pools: [a]}]}}}
            profiles:
              - display_name: P
                images: [base]
                gpu: {choices: [{id: one, pool: a, cards: 1, \(env("GPU"))}]}
                profile_options:
                  size: {choices: {s: {\(env("CHOICE"))}}}
                  word: {unlisted_choice: {enabled: true, validation_regex: "[a-z]+", set: {server: {env: {WORD: "${value}"}}}}}
                \(env("PROFILE"))
            rules: [{\(env("RULE"))}]
            """
        let changes = try grant(text, ["word--unlisted-choice": "hi"]).changes
        #expect(
            changes.flatMap { $0.fields["server"]?["env"]?.keys ?? [] } == [
                "PROFILE", "IMAGE", "GPU", "CHOICE", "WORD", "RULE",
            ])
        #expect(changes.map(\.origin).last == "rule rule-1 (line 12)")
    }

    private func grant(_ text: String, _ options: JSON) throws -> Grant { try grant(text, [], options) }
    private func grant(_ text: String, _ groups: [String], _ options: JSON) throws -> Grant {
        try grant(text, groups, claims: .emptyObject, options)
    }

    @Test func `walltime and idle are changed by the same words`() throws {
        let text = """
            profiles: [{display_name: P, walltime: 8h, idle: 2h}]
            rules:
              - {when: {group: long}, set: {walltime: {$max: 24h}}}
              - {when: {group: short}, set: {walltime: {$min: 1h}, idle: {$min: 30m}}}
              - {when: {group: free}, set: {walltime: null, idle: null}}
            """
        #expect(try grant(text).walltime == .seconds(28_800))
        #expect(try grant(text).idle == .seconds(7200))
        #expect(try grant(text, ["short"]).walltime == .seconds(3600))
        #expect(try grant(text, ["short"]).idle == .seconds(1800))
        #expect(try grant(text, ["free"]).walltime == nil)
        #expect(try grant(text, ["free"]).idle == nil)
    }

    @Test func `groups are folded on both sides, in patterns and grants too`() throws {
        let text = """
            identity: {issuers: [{issuer: "https://i.example.org", groups: [groups]}], compare: {groups: {case: fold}}}
            rules:
              - {when: {group: Staff}, grant: {groups: [Tools]}}
              - {when: {group: TOOLS}, set: {server: {env: {T: "1"}}}}
              - {for_each: {group: "/Projects/{p}"}, set: {server: {env: {P: "${p}"}}}}
            """
        #expect(
            try grant(text, ["staff", "/projects/x"]).changes.map(\.fields) == [
                ["server": ["env": ["T": "1"]]], ["server": ["env": ["P": "x"]]],
            ])
    }

    @Test func `a map, a call for a member and a default`() throws {
        let text = """
            maps:
              s3: {key: "${user.name}", rows: {ada: {bucket: a}}, default: {bucket: rest}}
            rules: [{set: {server: {env: {B: "${maps.s3.bucket}", C: "${maps.s3.none | default \\"-\\"}"}}}}]
            """
        #expect(try grant(text).changes[0].fields["server"]?["env"] == ["B": "a", "C": "-"])
    }

    @Test func `a pseudonym comes from the key in the file`() throws {
        let text = """
            identity: {issuers: [{issuer: "https://i.example.org"}], pseudonym_key_file: key}
            rules: [{set: {server: {env: {P: "${user.pseudonym}"}}}}]
            """
        let site = try site(text, files: ["key": "0123456789abcdef"])
        guard case .allow(let grant) = site.policy.decide(nil, for: subject()) else { throw Refused("") }
        #expect(grant.changes[0].fields["server"]?["env"]?["P"]?.string?.count == 20)
        #expect(try Sample(text, files: ["key": "short"]).load().faults.first?.contains("fewer than 16 bytes") == true)
        #expect(try Sample(text).load().faults.first?.contains("does not exist") == true)
    }

    @Test func `objects of one name are one object`() throws {
        let text = """
            rules:
              - set:
                  objects:
                    cred: {lifetime: user, manifest: {apiVersion: v1, kind: Secret, stringData: {a: "1"}}}
                  server: {envFrom: [{secretRef: {name: "${objects.cred}"}}]}
              - set: {objects: {cred: {manifest: {stringData: {b: "${user.name}"}}}}}
            """
        let grant = try grant(text)
        let object = try #require(grant.objects.first)
        #expect(object.lifetime == .user)
        #expect(object.manifest["stringData"] == ["a": "1", "b": "ada"])
        #expect(
            grant.changes[0].fields["server"]?["envFrom"]?[0]?["secretRef"]?["name"]
                == object.manifest["metadata"]?["name"])
    }

    @Test func `any card is the first that one may have`() throws {
        let text = """
            pools: {a: {mode: whole}, b: {mode: whole, resource: example.org/b}}
            inventory: {nodes: {n: {cards: [{uuid: GPU-1, product: A, memory: 80Gi, pools: [a]}, {uuid: GPU-2, product: B, memory: 80Gi, pools: [b]}]}}}
            profiles:
              - display_name: P
                gpu:
                  choices:
                    - {id: any, any_of: [big, small], set: {server: {env: {ANY: "1"}}}}
                    - {id: small, pool: b, cards: 1}
                    - {id: big, pool: a, cards: 1, allow: {group: big}}
            """
        #expect(try grant(text, ["big"]).gpu?.pool == "a")
        #expect(try grant(text, ["big"]).alternatives.map(\.gpu?.pool) == ["b"])
        #expect(try grant(text).gpu?.pool == "b")
        #expect(try grant(text).alternatives == [])
    }
}

/// What is wrong with rules and blocks, each with its line and what to write instead.
@Suite struct SetFaultTests {
    private static let profile =
        "profiles: [{display_name: P, slug: p, profile_options: {size: {choices: {s: {}, l: {}}}}}]\n"

    private func found(_ text: String) throws -> [String] {
        try Sample(Self.profile + text).load().faults.map { String($0.trimmingPrefix("berth.yaml:")) }
    }

    @Test(arguments: [
        ("rules: [{set: {server: {env: {A: \"${user.nam}\"}}}}]", "`${user.nam}` is no reference"),
        ("rules: [{set: {server: {env: {A: \"${maps.x}\"}}}}]", "\"x\" is not a map"),
        ("rules: [{set: {server: {env: {A: \"${objects.x}\"}}}}]", "\"x\" is not a object"),
        ("rules: [{set: {server: {env: {A: \"${user.name | upper}\"}}}}]", "is no filter"),
        ("rules: [{set: {server: {env: {A: \"${project}\"}}}}]", "is no reference"),
        ("rules: [{set: {server: {env: {A: \"${HOME}\"}}}}]", "For the text itself write `$${`"),
        ("rules: [{when: {group: a}}]", "does nothing"),
        ("rules: [{set: {}}]", "sets nothing"),
        ("rules: [{set: {server: {resources: {limits: {memory: {$max: 8Gi, x: 1}}}}}}]", "stands beside other keys"),
        ("rules: [{set: {server: {resources: {limits: {memory: {$most: 8Gi}}}}}}]", "is no way to merge"),
        ("rules: [{set: {server: {resources: {limits: {memory: {$max: [1]}}}}}}]", "must be a number or size"),
        ("rules: [{set: {server: {resources: {limits: {nvidia.com/gpu: 1}}}}}]", "is given by reservation only"),
        ("rules: [{set: {spawner: {extra_resource_limits: {nvidia.com/gpu: 1}}}}]", "is given by reservation only"),
        ("rules: [{set: {server: {env: {A: {$max: 3}}}}}]", "cannot stand before one entry"),
        ("rules: [{set: {spawner: {mem_limit: 8Gi}}}]", "is not a size that KubeSpawner takes"),
        ("rules: [{set: {spawner: {mem_limit: {$max: 8Gi}}}}]", "is not a size that KubeSpawner takes"),
        ("rules: [{set: {pod: {metadata: {name: x}}}}]", "`name` is not known here"),
        ("rules: [{set: {walltime: {$min: 4h, $max: 5h}}}]", "more than one way"),
        ("rules: [{when: {profile: q}, set: {idle: 1h}}]", "\"q\" is not a profile"),
        ("rules: [{when: {chosen: {siz: s}}, set: {idle: 1h}}]", "no profile has an option `siz`"),
        ("rules: [{when: {chosen: {size: m}}, set: {idle: 1h}}]", "\"m\" is not a choice"),
        ("rules: [{when: {profile: p}, grant: {admin: true}}]", "asks what is started"),
        ("rules: [{for_each: {group: a}, grant: {admin: true}}]", "stands beside `grant`"),
        ("rules: [{for_each: {group: \"{a}{b}\"}, set: {idle: 1h}}]", "with nothing between them"),
        ("rules: [{for_each: {}, set: {idle: 1h}}]", "does not say what for"),
        ("rules: [{for_each: {group: a, where: {group: b}}, set: {idle: 1h}}]", "`where` goes with `claim`"),
        ("rules: [{exclusive: x, refuse: No.}]", "goes with `set` only"),
        ("rules: [{name: a, set: {idle: 1h}}, {name: a, set: {idle: 1h}}]", "is taken already"),
        ("rules: [{set: {objects: {c: {manifest: {kind: Secret}}}}}]", "says both `apiVersion` and `kind`"),
        ("rules: [{set: {objects: {c: {lifetime: keep}}}}]", "has no `manifest`"),
        (
            "rules: [{set: {objects: {c: {lifetime: keep, manifest: {apiVersion: v1, kind: A}}}}}, {set: {objects: {c: {lifetime: user, manifest: {a: 1}}}}}]",
            "lives for `keep` in line 2"
        ),
        ("maps: {m: {key: \"${maps.m}\", rows: {}}}", "is not a map"),
        ("nothing_allowed: {}", "says nothing"), ("calls: {c: {url: x}}", "is not a URL"),
        ("rules: [{set: {server: {env: {A: \"${calls.c.x}\"}}}}]", "\"c\" is not a call"),
    ]) func `a slip is named`(text: String, words: String) throws {
        let faults = try found(text + "\n")
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.hasPrefix("2:") == true, "\(faults)")
        #expect(faults.first?.contains(words) == true, "\(faults)")
    }

    @Test func `what is started cannot be asked in allow`() throws {
        let faults = try Sample("profiles: [{display_name: P, slug: p, allow: {profile: p}}]\n").load().faults
        #expect(faults.count == 1)
        #expect(faults.first?.contains("belongs to `when` of `rules`") == true)
    }

    @Test func `grants that would need a later one are refused, circles among them`() throws {
        let circle = """
            identity: {issuers: [{issuer: "https://i.example.org", roles: [roles]}]}
            rules:
              - {when: {role: b}, grant: {roles: [a]}}
              - {when: {role: a}, grant: {roles: [b]}}
            """
        #expect(try found(circle).contains { $0.hasPrefix("4:") && $0.contains("only the rule in line 5 grants") })
        let own = circle.replacing(
            "{when: {role: a}, grant: {roles: [b]}}", with: "{when: {role: c}, grant: {roles: [c]}}")
        #expect(try found(own).contains { $0.contains("asks for what it grants itself") })
        let good = circle.replacing(
            "{when: {role: b}, grant: {roles: [a]}}", with: "{when: {user: x}, grant: {roles: [a]}}")
        #expect(try found(good) == [])
    }

    @Test func `options that need each other, or what is not there, are refused`() throws {
        func faults(_ options: String) throws -> [String] {
            try Sample("profiles: [{display_name: P, profile_options: {\(options)}}]\n").load().faults
        }
        let circle = try faults("a: {choices: {x: {needs: {b: y}}}}, b: {choices: {y: {}}, needs: {a: x}}")
        #expect(circle.first?.contains("in a circle: a -> b -> a") == true)
        #expect(try faults("a: {choices: {x: {needs: {c: y}}}}").first?.contains("has no option `c`") == true)
        #expect(try faults("a: {choices: {x: {needs: {a: x}}}}").first?.contains("cannot need itself") == true)
        #expect(
            try faults("a: {choices: {x: {needs: {b: z}}}}, b: {choices: {y: {}}}").first?.contains(
                "\"z\" is not a choice") == true)
    }

    @Test(arguments: [
        ("number: {min: 4, max: 1}", "the largest is below the smallest"),
        ("number: {min: 1, max: 2, step: 0}", "above zero"),
        ("number: {min: a, max: 2}", "must be a number"), ("number: {min: 0.0001, max: 2}", "at most three decimals"),
    ]) func `a range of numbers makes sense`(range: String, words: String) throws {
        let faults = try Sample(
            "profiles: [{display_name: P, profile_options: {a: {unlisted_choice: {enabled: true, \(range), set: {spawner: {cpu_limit: \"${value}\"}}}}}}]\n"
        ).load().faults
        #expect(faults.count == 1 && faults[0].contains(words), "\(faults)")
    }

    @Test func `what can never apply is warned of, with both lines`() throws {
        let text = """
            rules:
              - {when: [], refuse: No.}
              - {when: {all: [{group: a}, {not: {group: a}}]}, refuse: No.}
              - {when: {group: a}, exclusive: e, set: {walltime: 1h}}
              - {when: {group: a}, exclusive: e, set: {walltime: 2h}}
              - {exclusive: e, set: {walltime: 3h}}
              - {when: {group: z}, exclusive: e, set: {walltime: 4h}}
            """
        let warnings = try Sample(Self.profile + text + "\n").load().warnings
        #expect(warnings.count == 4, "\(warnings)")
        #expect(warnings[0].contains(":3:") && warnings[0].contains("holds for nobody"))
        #expect(warnings[1].contains("exclude each other"))
        #expect(warnings[2].contains(":6:") && warnings[2].contains("line 5 always comes before it"))
        #expect(warnings[3].contains(":8:") && warnings[3].contains("line 7 always comes before it"))
    }

    @Test func `a default that is hidden is warned of`() throws {
        let warnings = try Sample("profiles: [{display_name: P, default: true, hidden: true}, {display_name: Q}]\n")
            .load().warnings
        #expect(warnings.count == 1 && warnings[0].contains("never counts, since the profile is hidden"), "\(warnings)")
    }

    @Test func `a list that would take the place of the hub's, and a label from a name, are warned of`() throws {
        let text = """
            base: {tolerations: []}
            rules: [{set: {spawner: {volumes: [{name: a}], tolerations: [{key: a}]}, pod: {metadata: {labels: {u: "${user.name}"}}}}}]
            """
        let warnings = try Sample(Self.profile + text + "\n").load().warnings
        #expect(warnings.count == 2, "\(warnings)")
        #expect(warnings.contains { $0.contains("the list that the hub itself has for `volumes`") })
        #expect(warnings.contains { $0.contains("`${user.name | label}`") })
    }
}
