// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import SpawnPolicy

/// Short spellings for the values that the configuration builds from YAML.
extension Policy {
    static func of(
        _ profiles: Profile..., base: JSONObject = [:], rules: [SiteRule] = [], maps: [String: RowTable] = [:],
        objects: [String: ObjectDeclaration] = [:], nothingAllowed: NothingAllowed? = nil, pseudonymKey: [UInt8]? = nil,
        contact: String? = nil
    ) -> Policy {
        Policy(
            profiles: profiles, base: base, rules: rules, maps: maps, objects: objects, nothingAllowed: nothingAllowed,
            pseudonymKey: pseudonymKey, contact: contact)
    }
}

extension Profile {
    static func of(
        _ slug: String, name: String? = nil, isDefault: Bool = false, allow: Rule = .everyone,
        set: JSONObject = [:], _ options: ProfileOption..., walltime: WalltimeTerms? = nil, isHidden: Bool = false,
        changing: SetBlock = SetBlock()
    ) -> Profile {
        Profile(
            slug: slug, displayName: name ?? slug, description: "", isDefault: isDefault, allow: allow, overrides: set,
            options: options, walltime: walltime, isHidden: isHidden, set: changing, line: 1)
    }
}

extension ProfileOption {
    static func of(
        _ key: String, allow: Rule = .everyone, _ choices: Choice..., unlisted: UnlistedChoice? = nil,
        needs: Needs? = nil
    ) -> ProfileOption {
        ProfileOption(
            key: key, displayName: key, allow: allow, choices: choices, unlisted: unlisted, needs: needs, line: 2)
    }
}

extension Choice {
    static func of(
        _ id: String, isDefault: Bool = false, allow: Rule = .everyone, set: JSONObject = [:], image: String? = nil,
        gpu: GPUOffer? = nil, needs: Needs? = nil, isHidden: Bool = false, changing: SetBlock = SetBlock()
    ) -> Choice {
        Choice(
            id: id, displayName: id.uppercased(), isDefault: isDefault, allow: allow, overrides: set, image: image,
            gpu: gpu, needs: needs, isHidden: isHidden, set: changing, line: 3)
    }
}

extension UnlistedChoice {
    static func of(
        _ regex: String? = nil, message: String? = nil, set: JSONObject = [:], allow: Rule = .everyone,
        isImage: Bool = false, number: NumberRange? = nil, changing: SetBlock = SetBlock()
    ) -> UnlistedChoice {
        UnlistedChoice(
            displayName: "Your own", displayNameInChoices: "Other...", validationRegex: regex,
            validationMessage: message, overrides: set, allow: allow, isImage: isImage, number: number,
            set: changing, line: 4)
    }
}

extension SiteRule {
    /// A cap on the walltime.
    static func cap(_ when: Rule, _ seconds: Int) -> SiteRule {
        var set = SetBlock()
        set.walltime = .lower(.seconds(seconds))
        return SiteRule(name: "cap", when: when, set: set, line: when.line)
    }
}

extension Needs {
    static func of(_ option: String, _ ids: String...) -> Needs {
        Needs([Condition(option: option, among: ids)], line: 5)
    }
}

extension Rule {
    static func role(_ name: String, line: Int = 10) -> Rule { Rule(.role(name), line: line) }
    static func group(_ name: String, line: Int = 10) -> Rule { Rule(.group(name), line: line) }
    static func any(_ rules: Rule...) -> Rule { Rule(.any(rules), line: 11) }
    static func all(_ rules: Rule...) -> Rule { Rule(.all(rules), line: 12) }
    static func not(_ rule: Rule) -> Rule { Rule(.not(rule), line: 13) }
}

extension Subject {
    static func of(
        _ name: String = "user-a1", isAdmin: Bool = false, roles: [String]? = nil, groups: [String]? = nil,
        entitlements: [String]? = nil, claims: JSON = .emptyObject, posix: PosixIdentity? = nil
    ) -> Subject {
        Subject(
            name: name, isAdmin: isAdmin, deployment: "prod", roles: roles, groups: groups, entitlements: entitlements,
            claims: claims, posix: posix)
    }
}

extension Decision {
    var grant: Grant? {
        switch self {
        case .allow(let grant): grant
        case .refuse: nil
        }
    }

    var refusal: Refusal? {
        switch self {
        case .allow: nil
        case .refuse(let refusal): refusal
        }
    }

    var reason: Refusal.Reason? { refusal?.reason }
}

extension Grant {
    /// Option key to chosen value.
    var values: [String: String] { Dictionary(uniqueKeysWithValues: choices.map { ($0.key, $0.value) }) }
}

extension FormResult {
    var options: JSON? {
        switch self {
        case .options(let options): options
        case .errors: nil
        }
    }

    var errors: [FieldError] {
        switch self {
        case .options: []
        case .errors(let errors): errors
        }
    }
}
