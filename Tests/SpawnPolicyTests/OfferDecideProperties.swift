// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Random policies, subjects and inputs: form and API are two views of one policy.
struct OfferDecideProperties {
    private static let rounds = 150

    /// Runs `check` on random policies and subjects, with a note that says how to come back to a failing one.
    private func forRandomPolicies(_ check: (Policy, Subject, Comment, inout Seeded) -> Void) {
        var random = Seeded("POLICY_SEED")
        for round in 0..<Self.rounds {
            let policy = Policy.random(using: &random)
            let subject = Subject.random(using: &random)
            check(policy, subject, Comment(rawValue: "POLICY_SEED=\(random.seed), round \(round)"), &random)
        }
    }

    @Test func `what is offered is accepted, and what is not offered is refused`() {
        forRandomPolicies { policy, subject, note, _ in
            let offer = policy.offer(for: subject)
            for profile in policy.profiles {
                let offered = offer.profiles.first { $0.slug == profile.slug }
                let options = offered?.leastOptions ?? ["profile": JSON(profile.slug)]
                let grant = policy.decide(JSON(options), for: subject).grant
                #expect((grant != nil) == (offered != nil), note)
                for option in profile.options {
                    expectSameChoices(option, offered, options, policy, subject, note)
                }
            }
        }
    }

    private func expectSameChoices(
        _ option: ProfileOption, _ profile: OfferedProfile?, _ least: JSONObject, _ policy: Policy, _ subject: Subject,
        _ note: Comment
    ) {
        let offered = profile?.options.first { $0.key == option.key }
        var rest = least
        rest.remove(option.key + "--unlisted-choice")
        for choice in option.choices {
            var options = rest
            options[option.key] = JSON(choice.id)
            let grant = policy.decide(JSON(options), for: subject).grant
            #expect((grant != nil) == (offered?.choices.contains { $0.id == choice.id } ?? false), note)
            if let grant { #expect(grant.values[option.key] == choice.id, note) }
        }
        rest[option.key + "--unlisted-choice"] = "some/image:1"
        #expect((policy.decide(JSON(rest), for: subject).grant != nil) == (offered?.unlisted != nil), note)
    }

    @Test func `form and API agree on the defaults`() {
        forRandomPolicies { policy, subject, note, _ in
            let offer = policy.offer(for: subject)
            guard let standard = offer.defaultProfile else {
                #expect(offer.profiles.isEmpty, note)
                #expect(policy.decide(nil, for: subject).reason == .nothingAllowed, note)
                return
            }
            #expect(offer.profiles.filter(\.isDefault).count == 1, note)
            for option in offer.profiles.flatMap(\.options) where !option.choices.isEmpty {
                #expect(option.choices.filter(\.isDefault).count == 1, note)
            }
            let untouched = policy.read(form: JSON(JSONObject(uniqueMembers: standard.untouchedForm)), for: subject)
            var unnamed = standard.leastOptions
            unnamed.remove("profile")
            let byAPI = policy.decide(JSON(unnamed), for: subject).grant
            #expect(byAPI != nil, note)
            #expect(untouched.options.flatMap { policy.decide($0, for: subject).grant } == byAPI, note)
        }
    }

    @Test func `every grant names every trait once, whatever was chosen`() {
        forRandomPolicies { policy, subject, note, _ in
            for profile in policy.offer(for: subject).profiles {
                guard let grant = policy.decide(JSON(profile.leastOptions), for: subject).grant else { continue }
                let named = grant.overrides.keys + grant.reset
                #expect(named.sorted() == policy.traits.sorted(), note)
            }
        }
    }

    @Test func `whatever a form comes to, a start accepts`() {
        forRandomPolicies { policy, subject, note, random in
            for _ in 0..<5 {
                let form = JSON.randomForm(policy, using: &random)
                switch policy.read(form: form, for: subject) {
                case .options(let options): #expect(policy.decide(options, for: subject).grant != nil, note)
                case .errors(let errors): #expect(!errors.isEmpty, note)
                }
            }
        }
    }

    @Test func `any options get an answer, and what an old record selects is offered`() {
        forRandomPolicies { policy, subject, note, random in
            for _ in 0..<5 {
                let options = JSON.randomOptions(policy, using: &random)
                let offer = policy.offer(for: subject, lastOptions: options)
                #expect(offer.profiles.filter(\.isSelected).count == min(1, offer.profiles.count), note)
                guard policy.decide(options, for: subject).grant != nil else { continue }
                #expect(offer.notice == nil, note)
                let again = offer.selectedProfile?.untouchedForm ?? []
                let form = JSON(JSONObject(uniqueMembers: again))
                let grant = policy.read(form: form, for: subject).options.flatMap {
                    policy.decide($0, for: subject).grant
                }
                #expect(grant == policy.decide(options, for: subject).grant, note)
            }
        }
    }
}

extension OfferedProfile {
    /// The profile's name, and a text wherever a start without one is refused.
    fileprivate var leastOptions: JSONObject {
        var least: JSONObject = ["profile": JSON(slug)]
        for option in options where option.mustType { least[option.key + "--unlisted-choice"] = "some/image:1" }
        return least
    }

    /// What a browser sends when nothing on the page was touched but the texts without which a start is refused.
    fileprivate var untouchedForm: [(String, JSON)] {
        let fields = options.flatMap { option -> [(String, JSON)] in
            let field = "profile-option-\(slug)--\(option.key)"
            let typed = option.typed ?? (option.mustType ? "some/image:1" : nil)
            let select = option.choices.first(where: \.isSelected)?.id ?? "unlisted-choice"
            return [(field, [JSON(select)]), (field + "--unlisted-choice", [JSON(typed ?? "")])]
        }
        return [("profile", [JSON(slug)])] + fields
            + [("profile-option-\(slug)--gpu-size", [JSON(gpuSize ?? "")])]
            .filter { _ in hasSize }
    }

    private var hasSize: Bool { options.contains { $0.choices.contains { $0.gpu?.sizes != nil } } }
}

// MARK: - Random policies

extension Policy {
    fileprivate static func random(using random: inout Seeded) -> Policy {
        let profiles = (0..<Int.random(in: 0...4, using: &random)).map { Profile.random($0, using: &random) }
        let base: JSONObject = Bool.random(using: &random) ? ["t0": "base"] : [:]
        return Policy(profiles: profiles, base: base, contact: nil)
    }
}

extension Profile {
    fileprivate static func random(_ number: Int, using random: inout Seeded) -> Profile {
        let options = (0..<Int.random(in: 0...3, using: &random)).map { ProfileOption.random($0, using: &random) }
        return Profile(
            slug: ["p", "p-q", "p--o", "q"][number], displayName: "P", description: "", isDefault: chance(&random),
            allow: .random(depth: 2, using: &random), overrides: .random(using: &random), options: options,
            walltime: nil, line: 1)
    }
}

extension ProfileOption {
    fileprivate static func random(_ number: Int, using random: inout Seeded) -> ProfileOption {
        let choices = (0..<Int.random(in: 1...4, using: &random)).map { Choice.random($0, of: number, using: &random) }
        let key = ["gpu", "o--o", "image"][number]
        let unlisted = UnlistedChoice.of(
            "[a-z/:1]+", set: ["t1": "{value}"], allow: .random(depth: 1, using: &random), isImage: key == "image")
        return ProfileOption(
            key: key, displayName: "O",
            allow: Bool.random(using: &random) ? .everyone : .random(depth: 1, using: &random),
            choices: choices, unlisted: chance(&random) ? unlisted : nil, line: 2)
    }
}

extension Choice {
    fileprivate static func random(_ number: Int, of option: Int, using random: inout Seeded) -> Choice {
        let sizes = ShareSizes(min: 2, max: 8, step: 2, standard: 4)
        let gpu = option == 0 && chance(&random) ? GPUOffer(pool: "a", amount: .sized(sizes)) : nil
        return Choice(
            id: "c\(number)", displayName: "C", isDefault: chance(&random), allow: .random(depth: 2, using: &random),
            overrides: .random(using: &random), gpu: gpu, line: 3)
    }
}

extension JSONObject {
    fileprivate static func random(using random: inout Seeded) -> JSONObject {
        var overrides = JSONObject()
        for trait in ["t0", "t1", "environment"] where chance(&random) {
            overrides[trait] =
                trait == "environment" ? ["A": "1", "B": nil] : JSON(Int.random(in: 0...9, using: &random))
        }
        return overrides
    }
}

// MARK: - Random inputs: mostly near what is right

extension JSON {
    fileprivate static func randomForm(_ policy: Policy, using random: inout Seeded) -> JSON {
        var form = JSONObject()
        if !chance(&random) { form["profile"] = [randomText(["p", "p-q", "p--o", "q", "", "x"], &random)] }
        for profile in policy.profiles {
            for (key, value) in randomOptions(of: profile, using: &random) {
                form["profile-option-\(profile.slug)--\(key)"] =
                    chance(&random) && chance(&random) ? [value, value] : [value]
            }
        }
        return JSON(form)
    }

    fileprivate static func randomOptions(_ policy: Policy, using random: inout Seeded) -> JSON {
        guard let profile = policy.profiles.randomElement(using: &random) else { return .null }
        var options = JSONObject(uniqueMembers: randomOptions(of: profile, using: &random))
        if !chance(&random) { options["profile"] = JSON(profile.slug) }
        return JSON(options)
    }

    private static func randomOptions(of profile: Profile, using random: inout Seeded) -> [(String, JSON)] {
        var options: [(String, JSON)] = []
        for option in profile.options {
            if !chance(&random) {
                options.append((option.key, randomText(["c0", "c1", "c2", "c0", "", "x", "unlisted-choice"], &random)))
            }
            if chance(&random) {
                options.append((option.key + "--unlisted-choice", randomText(["some/image:1", "", "b b"], &random)))
            }
        }
        if chance(&random) { options.append(("gpu-size", randomText(["2", "4", "3", ""], &random))) }
        return options
    }

    private static func randomText(_ texts: [String], _ random: inout Seeded) -> JSON {
        JSON(texts.randomElement(using: &random)!)
    }
}

private func chance(_ random: inout Seeded) -> Bool { Int.random(in: 0..<3, using: &random) == 0 }
