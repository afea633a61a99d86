// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Which rules apply, in which order, and what they come to.
@Suite struct SiteRuleTests {
    private func memory(_ change: JSON) throws -> SetBlock { try .of(spawner: ["mem_limit": change]) }

    @Test func `all rules that hold apply, from top to bottom`() throws {
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of("a", set: try .of(spawner: ["cpu_limit": 1, "mem_limit": "1G"])),
                .of("b", when: .group("x"), set: try memory("2G")),
                .of("c", when: .group("y"), set: try memory("3G")),
            ])
        let grant = try #require(policy.decide(nil, for: .of(groups: ["x"])).grant)
        #expect(grant.overrides == ["cpu_limit": 1, "mem_limit": "2G"])
        #expect(grant.rules == ["rule a (line 20)", "rule b (line 20)"])
    }

    @Test func `a higher priority has the last word`() throws {
        let policy = Policy.of(
            .of("p"),
            rules: [.of("a", priority: 5, set: try memory("1G")), .of("b", set: try memory("2G"))])
        #expect(policy.decide(nil, for: .of()).grant?.overrides["mem_limit"] == "1G")
    }

    @Test func `of an exclusive group only the strongest that holds applies`() throws {
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of("users", exclusive: "place", set: try .of(spawner: ["node_selector": ["pool": "users"]])),
                .of("lhcb", when: .role("lhcb"), exclusive: "place", priority: 10, set: try .of(spawner: ["a": 1])),
                .of("event", when: .role("event"), exclusive: "place", priority: 20, set: try .of(spawner: ["b": 1])),
            ])
        #expect(policy.decide(nil, for: .of(roles: ["lhcb", "event"])).grant?.rules == ["rule event (line 20)"])
        #expect(policy.decide(nil, for: .of(roles: ["lhcb"])).grant?.rules == ["rule lhcb (line 20)"])
        #expect(policy.decide(nil, for: .of(roles: [])).grant?.rules == ["rule users (line 20)"])
        #expect(policy.decide(nil, for: .of()).grant?.rules == ["rule users (line 20)"])
    }

    @Test func `raising rules give the same in any order of rules and groups, each for itself`() throws {
        let first = SiteRule.of(
            when: Rule(.user("ada"), line: 1), set: try .of(spawner: ["mem_limit": "1G", "mem_guarantee": "1G"]))
        let raise = [
            SiteRule.of(when: .group("a"), set: try memory(["$max": "4G"])),
            SiteRule.of(when: .group("b"), set: try memory(["$max": "2G"])),
            SiteRule.of(when: .group("c"), set: try .of(spawner: ["mem_guarantee": ["$max": "3G"]])),
        ]
        for rules in [raise, raise.reversed()] {
            for groups in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]] {
                let policy = Policy.of(.of("p"), rules: [first] + rules)
                let grant = policy.decide(nil, for: .of("ada", groups: groups)).grant
                #expect(grant?.overrides == ["mem_limit": "4G", "mem_guarantee": "3G"])
            }
        }
    }

    @Test func `a rule that makes an administrator does so for this start, wherever the admin rule stands`() throws {
        var admin = SiteRule.Granted()
        admin.isAdmin = true
        let policy = Policy.of(
            .of("p"), .of("admins", allow: Rule(.admin(true), line: 3)),
            rules: [
                .of("for-admins", when: Rule(.admin(true), line: 4), set: try memory("9G")),
                .of("make", when: .group("staff"), grants: admin),
            ])
        let grant = policy.decide(["profile": "admins"], for: .of(groups: ["staff"])).grant
        #expect(grant?.overrides["mem_limit"] == "9G")
        #expect(policy.decide(["profile": "admins"], for: .of(groups: [])).reason == .profileNotAllowed)
    }

    @Test func `granted memberships count like claimed ones, even where the claim is missing`() {
        var granted = SiteRule.Granted()
        granted.roles = ["gpu"]
        let policy = Policy.of(
            .of("p", allow: .role("gpu")), rules: [.of(when: Rule(.user("ada"), line: 1), grants: granted)])
        #expect(policy.decide(nil, for: .of("ada")).grant != nil)
        #expect(policy.decide(nil, for: .of("bo")).reason == .nothingAllowed)
    }

    @Test func `an exempt account may have everything`() {
        var exempt = SiteRule.Granted()
        exempt.isExempt = true
        let policy = Policy.of(
            .of("p", allow: .role("x"), .of("s", .of("a", allow: .any()))),
            rules: [.of(when: Rule(.user("probe"), line: 1), grants: exempt)])
        #expect(policy.decide(nil, for: .of("probe")).grant?.values == ["s": "a"])
        #expect(policy.offer(for: .of("probe")).profiles.count == 1)
        #expect(policy.decide(nil, for: .of("ada", roles: ["x"])).grant == nil)
    }

    @Test func `a refusing rule speaks to the user, and closes the form too`() {
        let policy = Policy.of(
            .of("gpu"), .of("cpu"),
            rules: [
                .of(when: .all(Rule(.profile(["gpu"]), line: 1), .group("spent")), refusal: "Your hours are used up.")
            ])
        let spent = Subject.of(groups: ["spent"])
        #expect(policy.decide(["profile": "gpu"], for: spent).refusal?.reason == .refusedByRule)
        #expect(policy.decide(["profile": "gpu"], for: spent).refusal?.userMessage == "Your hours are used up.")
        #expect(policy.offer(for: spent).profiles.map(\.slug) == ["cpu"])
        #expect(policy.offer(for: .of(groups: [])).profiles.map(\.slug) == ["gpu", "cpu"])
        // Unknown: what restricts holds unless it is plainly not met.
        #expect(policy.decide(["profile": "gpu"], for: .of()).reason == .refusedByRule)
    }

    @Test func `a rule that refuses everything is what is said when nothing is allowed`() {
        let policy = Policy.of(.of("p"), rules: [.of(when: .group("blocked"), refusal: "Blocked.")])
        #expect(policy.decide(nil, for: .of(groups: ["blocked"])).refusal?.userMessage == "Blocked.")
        #expect(policy.decide(nil, for: .of(groups: [])).grant != nil)
        #expect(policy.decide(nil, for: .of()).refusal?.userMessage == "Blocked.", "unknown: what restricts holds")
        #expect(policy.offer(for: .of()).profiles.isEmpty)
    }

    @Test func `a choice can be refused with a text of its own`() {
        let chosen = Rule(.chosen(option: "cluster", among: ["spark"]), line: 1)
        let policy = Policy.of(
            .of("p", .of("cluster", .of("none"), .of("spark"))),
            rules: [.of(when: .all(chosen, .not(.role("spark"))), refusal: "Ask for Spark.")])
        #expect(policy.decide(["cluster": "spark"], for: .of(roles: [])).refusal?.userMessage == "Ask for Spark.")
        #expect(policy.decide(["cluster": "spark"], for: .of(roles: ["spark"])).grant != nil)
        #expect(policy.decide(nil, for: .of(roles: [])).grant != nil)
        #expect(
            policy.read(form: ["profile": ["p"], "profile-option-p--cluster": ["spark"]], for: .of(roles: [])).errors
                .map(\.code) == [.refusedByRule])
    }

    @Test func `a rule sees image and person together`() throws {
        let policy = Policy.of(
            .of("p", .of("image", .of("base"), .of("torch"))),
            rules: [
                .of(
                    when: .all(Rule(.chosen(option: "image", among: ["torch"]), line: 1), Rule(.user("ada"), line: 1)),
                    set: try memory("9G"))
            ])
        #expect(policy.decide(["image": "torch"], for: .of("ada")).grant?.overrides == ["mem_limit": "9G"])
        #expect(policy.decide(["image": "torch"], for: .of("bo")).grant?.reset == ["mem_limit"])
        #expect(policy.decide(["image": "base"], for: .of("ada")).grant?.reset == ["mem_limit"])
    }

    @Test func `null at the profile clears the base, and a choice sets it again`() throws {
        let policy = Policy.of(
            .of(
                "p", .of("size", .of("none"), .of("l", changing: try .of(spawner: ["mem_limit": "8G"]))),
                changing: try .of(spawner: ["mem_limit": nil])),
            base: ["mem_limit": "4G"])
        #expect(policy.decide(["size": "none"], for: .of()).grant?.overrides == ["mem_limit": nil])
        #expect(policy.decide(["size": "l"], for: .of()).grant?.overrides == ["mem_limit": "8G"])
    }
}

@Suite struct RuleExplanationTests {
    @Test func `each rule says its line, what it asks and what it does`() throws {
        var granted = SiteRule.Granted()
        granted.isAdmin = true
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of("all", set: try .of(spawner: ["mem_limit": "1G"], walltime: .lower(.seconds(3600)))),
                .of("staff", when: .group("staff", line: 31), grants: granted),
                .of("gpu", when: Rule(.profile(["gpu"]), line: 32), refusal: "No."),
            ])
        func sentences(_ groups: [String]?) -> [String] {
            policy.explain(for: .of(groups: groups)).filter { if case .rule = $0.item { true } else { false } }.map {
                "\($0.isAllowed) \($0.sentence)"
            }
        }
        #expect(
            sentences(["staff"]) == [
                "true line 20: for everyone; it sets mem_limit, walltime at most 1 hour",
                "true line 31: needs group staff; the user has it; it grants",
                "true line 32: needs profile gpu; known once something is chosen; depends on what is started, then it refuses",
            ])
        #expect(sentences([])[1] == "false line 31: needs group staff; the user does not have it; does not apply")
    }

    @Test func `a refused start names the rule, its line and the claim`() {
        let policy = Policy.of(
            .of("p"),
            rules: [
                .of("spent", when: Rule(.claimNumber(path: ["hours"], .init(.atMost, 0)), line: 44), refusal: "Spent.")
            ])
        #expect(
            policy.decide(nil, for: .of(claims: ["hours": 0])).refusal?.detail
                == "rule spent (line 20) refuses: line 44: needs claim /hours at most 0; the user has it")
    }
}

@Suite struct WalltimeRuleTests {
    private let terms = WalltimeTerms(standard: .seconds(8 * 3600), max: .seconds(24 * 3600))

    private func policy(_ change: SpanChange, when: Rule = .everyone) throws -> Policy {
        Policy.of(.of("p", walltime: terms), rules: [.of(when: when, set: try .of(walltime: change))])
    }

    @Test func `a rule lowers, raises or replaces the most`() throws {
        #expect(try policy(.lower(.seconds(3600))).decide(nil, for: .of()).grant?.walltime == .seconds(3600))
        #expect(
            try policy(.raise(.seconds(7 * 86_400))).decide(["walltime": "7d"], for: .of()).grant?.walltime
                == .seconds(7 * 86_400))
        #expect(
            try policy(.replace(.seconds(10 * 3600))).decide(["walltime": "12h"], for: .of()).reason == .walltimeInvalid
        )
        #expect(try policy(.replace(.seconds(10 * 3600))).decide(nil, for: .of()).grant?.walltime == terms.standard)
        #expect(try policy(.replace(nil)).decide(nil, for: .of()).grant?.walltime == nil)
        #expect(try policy(.lower(.seconds(3600))).offer(for: .of()).profiles[0].walltime?.max == .seconds(3600))
    }

    @Test func `what is unknown lowers and never raises`() throws {
        #expect(
            try policy(.lower(.seconds(3600)), when: .group("x")).decide(nil, for: .of()).grant?.walltime
                == .seconds(3600))
        #expect(
            try policy(.raise(.seconds(7 * 86_400)), when: .group("x")).decide(["walltime": "7d"], for: .of()).reason
                == .walltimeInvalid)
    }

    @Test func `the shortest idle time wins`() throws {
        let policy = Policy.of(
            .of("p", changing: try .of(idle: .replace(.seconds(7200)))),
            rules: [.of(set: try .of(idle: .lower(.seconds(600)))), .of(set: try .of(idle: .lower(.seconds(900))))])
        #expect(policy.decide(nil, for: .of()).grant?.idle == .seconds(600))
    }
}
