// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Random policies with rules, needs and hidden items, against the plainest model of each.
struct RulesProperties {
    private static let rounds = 200

    private func forRandomPolicies(_ check: (Policy, Subject, Comment, inout Seeded) throws -> Void) rethrows {
        var random = Seeded("POLICY_SEED")
        for round in 0..<Self.rounds {
            let policy = Policy.randomWithRules(using: &random)
            let subject = Subject.random(using: &random)
            try check(policy, subject, Comment(rawValue: "POLICY_SEED=\(random.seed), round \(round)"), &random)
        }
    }

    @Test func `the order of groups and roles decides nothing`() {
        forRandomPolicies { policy, subject, note, random in
            let turned = Subject(
                name: subject.name, isAdmin: subject.isAdmin, deployment: subject.deployment,
                roles: subject.roles?.shuffled(using: &random), groups: subject.groups?.shuffled(using: &random),
                entitlements: subject.entitlements?.shuffled(using: &random), claims: subject.claims,
                posix: subject.posix)
            for options in policy.someOptions {
                let (one, other) = (policy.decide(options, for: subject), policy.decide(options, for: turned))
                #expect(one.grant == other.grant, note)
                #expect(one.refusal == other.refusal, note)
            }
        }
    }

    @Test func `what is granted is allowed, and beside what it needs`() {
        forRandomPolicies { policy, subject, note, _ in
            let evaluation = Evaluation(of: subject)
            for options in policy.someOptions {
                guard let grant = policy.decide(options, for: subject).grant else { continue }
                let profile = policy.profiles.first { $0.slug == grant.profile }!
                #expect(evaluation.allows(profile.allow), note)
                if options["profile"] == nil { #expect(!profile.isHidden, note) }
                for option in profile.options {
                    guard let id = grant.values[option.key] else { continue }
                    let choice = option.choices.first { $0.id == id }!
                    #expect(evaluation.allows(option.allow) && evaluation.allows(choice.allow), note)
                    for needs in [option.needs, choice.needs].compactMap(\.self) {
                        for condition in needs.conditions {
                            #expect(condition.among.contains(grant.values[condition.option] ?? ""), note)
                        }
                    }
                    if options[option.key] == nil { #expect(!choice.isHidden, note) }
                }
            }
        }
    }

    @Test func `a form that nobody touched starts what no options at all start`() {
        forRandomPolicies { policy, subject, note, _ in
            let offer = policy.offer(for: subject)
            guard let standard = offer.defaultProfile else {
                #expect(policy.decide(nil, for: subject).grant == nil, note)
                return
            }
            var form: JSONObject = ["profile": [JSON(standard.slug)]]
            for option in standard.options {
                guard let selected = option.choices.first(where: \.isSelected) else { continue }
                form["profile-option-\(standard.slug)--\(option.key)"] = [JSON(selected.id)]
            }
            let byForm = policy.read(form: JSON(form), for: subject).options.flatMap {
                policy.decide($0, for: subject).grant
            }
            let byAPI = policy.decide(nil, for: subject)
            if byAPI.reason == .choiceNeeds { return }
            #expect(byForm?.values == byAPI.grant?.values, note)
            #expect(byForm?.overrides == byAPI.grant?.overrides, note)
        }
    }

    @Test func `rules come to what applying them one by one comes to`() throws {
        try forRandomPolicies { policy, subject, note, _ in
            for options in policy.someOptions {
                guard let grant = policy.decide(options, for: subject).grant else { continue }
                let expected = try PlainRules(policy, subject, grant).memory
                #expect((grant.overrides["mem_limit"] ?? .null) == (expected.map { JSON($0) } ?? .null), note)
            }
        }
    }
}

/// The rules of `randomWithRules` by hand: who they are for, one after the other, in their order.
private struct PlainRules {
    var memory: Int?

    init(_ policy: Policy, _ subject: Subject, _ grant: Grant) throws {
        let evaluation = Evaluation(of: subject)
        var done: Set<String> = []
        var winners: [String: String] = [:]
        for rule in policy.rules.enumerated().sorted(by: {
            (-$0.element.priority, $0.offset) < (-$1.element.priority, $1.offset)
        }).map(\.element) {
            guard let word = rule.exclusive, winners[word] == nil, holds(rule.when, evaluation, grant) else { continue }
            winners[word] = rule.name
        }
        memory = 4
        for rule in policy.rules.enumerated().sorted(by: {
            ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
        }).map(\.element) {
            guard rule.refusal == nil, done.insert(rule.name).inserted, holds(rule.when, evaluation, grant) else {
                continue
            }
            if let word = rule.exclusive, winners[word] != rule.name { continue }
            let parts = rule.name.split(separator: "-")
            let number = Int(parts[1])!
            switch parts[0] {
            case "max": memory = max(memory ?? number, number)
            case "min": memory = min(memory ?? number, number)
            case "set": memory = number
            case "default": memory = memory ?? number
            default: memory = nil
            }
        }
    }

    private func holds(_ rule: Rule, _ evaluation: Evaluation, _ grant: Grant) -> Bool {
        switch rule.test {
        case .profile(let slugs): slugs.contains(grant.profile)
        case .chosen(let option, let ids): ids.contains(grant.values[option] ?? "")
        case .all(let rules): rules.allSatisfy { holds($0, evaluation, grant) }
        default: evaluation.allows(rule)
        }
    }
}

extension Policy {
    /// No options, and each profile with nothing, one, or all of its choices named.
    fileprivate var someOptions: [JSON] {
        [.emptyObject]
            + profiles.flatMap { profile -> [JSON] in
                let bare: JSONObject = ["profile": JSON(profile.slug)]
                let named = profile.options.flatMap { option in
                    option.choices.map { choice in
                        var options = bare
                        options[option.key] = JSON(choice.id)
                        return JSON(options)
                    }
                }
                return [JSON(bare)] + named
            }
    }

    fileprivate static func randomWithRules(using random: inout Seeded) -> Policy {
        let profiles = (0..<Int.random(in: 1...3, using: &random)).map { number in
            Profile.of(
                "p\(number)", allow: chance(&random) ? .random(depth: 1, using: &random) : .everyone,
                .random("a", needing: nil, using: &random), .random("b", needing: "a", using: &random),
                .random("c", needing: "b", using: &random), isHidden: chance(&random) && chance(&random))
        }
        let rules = (0..<Int.random(in: 0...6, using: &random)).map { SiteRule.random($0, using: &random) }
        return Policy(profiles: profiles, base: ["mem_limit": 4], rules: rules, contact: nil)
    }
}

extension ProfileOption {
    fileprivate static func random(_ key: String, needing other: String?, using random: inout Seeded) -> ProfileOption {
        func needs(_ random: inout Seeded) -> Needs? {
            guard let other, chance(&random) else { return nil }
            return Needs([.init(option: other, among: ["c0", chance(&random) ? "c1" : "c2"])], line: 1)
        }
        let choices = (0..<Int.random(in: 1...3, using: &random)).map { number in
            Choice.of(
                "c\(number)", isDefault: chance(&random),
                allow: chance(&random) ? .random(depth: 1, using: &random) : .everyone,
                needs: needs(&random), isHidden: chance(&random) && chance(&random))
        }
        return ProfileOption(
            key: key, displayName: key, allow: .everyone, choices: choices, unlisted: nil, needs: needs(&random),
            line: 1)
    }
}

extension SiteRule {
    /// Its name says what it does with `mem_limit`.
    fileprivate static func random(_ place: Int, using random: inout Seeded) -> SiteRule {
        let number = Int.random(in: 1...9, using: &random)
        let kinds: [(String, JSON)] = [
            ("max", ["$max": JSON(number)]), ("min", ["$min": JSON(number)]), ("set", JSON(number)),
            ("default", ["$default": JSON(number)]), ("null", nil),
        ]
        let (kind, value) = kinds.randomElement(using: &random)!
        let tests: [Rule] = [
            .everyone, .random(depth: 1, using: &random), Rule(.profile(["p0", "p2"]), line: 1),
            Rule(.chosen(option: "b", among: ["c0"]), line: 1),
            .all(.random(depth: 1, using: &random), Rule(.chosen(option: "a", among: ["c1", "c2"]), line: 1)),
        ]
        return SiteRule.of(
            "\(kind)-\(number)-\(place)", when: tests.randomElement(using: &random)!,
            exclusive: chance(&random) ? "e" : nil, priority: Int.random(in: -1...1, using: &random),
            set: try! SetBlock.of(spawner: ["mem_limit": value]))
    }
}

private func chance(_ random: inout Seeded) -> Bool { Int.random(in: 0..<3, using: &random) == 0 }
