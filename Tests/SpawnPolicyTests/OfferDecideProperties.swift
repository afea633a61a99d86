// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy
import Testing

/// Random policies and subjects: form and API are two views of one policy.
struct OfferDecideProperties {
    @Test func `what is offered is accepted, and what is not offered is refused`() {
        var random = Seeded("POLICY_SEED")
        for round in 0..<400 {
            let policy = Policy.random(using: &random)
            let subject = Subject.random(using: &random)
            let offer = policy.offer(for: subject)
            let note = Comment(rawValue: "POLICY_SEED=\(random.seed), round \(round)")

            for profile in policy.profiles {
                let offered = offer.profiles.first { $0.slug == profile.slug }
                for option in profile.options {
                    for choice in option.choices {
                        let isOffered =
                            offered?.options.first { $0.key == option.key }?.choices
                            .contains { $0.id == choice.id } ?? false
                        let options: JSON = ["profile": JSON(profile.slug), option.key: JSON(choice.id)]
                        let grant = policy.decide(options, for: subject).grant
                        #expect((grant != nil) == isOffered, note)
                        if isOffered { #expect(grant?.values[option.key] == choice.id, note) }
                    }
                }
                #expect(
                    (policy.decide(["profile": JSON(profile.slug)], for: subject).grant != nil) == (offered != nil),
                    note)
            }
        }
    }

    @Test func `form and API agree on the defaults`() {
        var random = Seeded("POLICY_SEED")
        for round in 0..<400 {
            let policy = Policy.random(using: &random)
            let subject = Subject.random(using: &random)
            let offer = policy.offer(for: subject)
            let note = Comment(rawValue: "POLICY_SEED=\(random.seed), round \(round)")
            guard let standard = offer.defaultProfile else {
                #expect(offer.profiles.isEmpty, note)
                #expect(policy.decide(nil, for: subject).reason == .nothingAllowed, note)
                continue
            }
            #expect(offer.profiles.filter(\.isDefault).count == 1, note)
            for profile in offer.profiles {
                for option in profile.options { #expect(option.choices.filter(\.isDefault).count == 1, note) }
            }
            let form = JSON(JSONObject(uniqueMembers: standard.formFields))
            let bySelects = policy.read(form: form, for: subject).options.flatMap {
                policy.decide($0, for: subject).grant
            }
            let byNothing = policy.decide(nil, for: subject).grant
            #expect(byNothing != nil, note)
            #expect(bySelects == byNothing, note)
        }
    }

    @Test func `every grant names every trait, whatever was chosen`() {
        var random = Seeded("POLICY_SEED")
        for round in 0..<400 {
            let policy = Policy.random(using: &random)
            guard let grant = policy.decide(nil, for: .random(using: &random)).grant else { continue }
            let named = grant.overrides.keys + grant.reset
            #expect(Set(named) == Set(policy.traits), "POLICY_SEED=\(random.seed), round \(round)")
            #expect(named.count == policy.traits.count, "POLICY_SEED=\(random.seed), round \(round)")
        }
    }
}

extension OfferedProfile {
    /// What a browser sends when nothing on the page was touched.
    fileprivate var formFields: [(String, JSON)] {
        [("profile", [JSON(slug)])]
            + options.compactMap { option in
                option.choices.first(where: \.isSelected).map {
                    ("profile-option-\(slug)--\(option.key)", [JSON($0.id)])
                }
            }
    }
}

extension Policy {
    fileprivate static func random(using random: inout Seeded) -> Policy {
        let profiles = (0..<Int.random(in: 0...4, using: &random)).map { Profile.random($0, using: &random) }
        return Policy(
            profiles: profiles, base: Bool.random(using: &random) ? ["t0": "base"] : [:], walltimeCaps: [], contact: nil
        )
    }
}

extension Profile {
    fileprivate static func random(_ number: Int, using random: inout Seeded) -> Profile {
        let options = (0..<Int.random(in: 0...3, using: &random)).map { ProfileOption.random($0, using: &random) }
        return Profile(
            slug: ["p", "p-q", "p--q", "q"][number], displayName: "P", description: "", isDefault: chance(&random),
            allow: .random(depth: 2, using: &random), overrides: .random(using: &random), options: options,
            walltime: nil, token: nil, line: 1)
    }
}

extension ProfileOption {
    fileprivate static func random(_ number: Int, using random: inout Seeded) -> ProfileOption {
        let choices = (0..<Int.random(in: 1...4, using: &random)).map { choice in
            Choice(
                id: "c\(choice)", displayName: "C", isDefault: chance(&random),
                allow: .random(depth: 2, using: &random),
                overrides: .random(using: &random), line: 3)
        }
        return ProfileOption(
            key: ["o", "o--o", "image"][number], displayName: "O",
            allow: Bool.random(using: &random) ? .everyone : .random(depth: 1, using: &random), choices: choices,
            unlisted: nil, line: 2)
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

private func chance(_ random: inout Seeded) -> Bool { Int.random(in: 0..<3, using: &random) == 0 }
