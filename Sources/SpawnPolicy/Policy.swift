// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// The checked policy: what exists and who may have it. Never changed; compiled once, asked often.
///
/// Profiles, options and choices are references: a form goes through thousands, and copying each would take longer than
/// deciding about it (`scripts/bench identity`).
package struct Policy: Sendable {
    package let profiles: [Profile]
    /// KubeSpawner trait to value where a profile does not set it; an object.
    package let base: JSONObject
    /// In the file's order; all that hold apply.
    package let rules: [SiteRule]
    package let maps: [String: RowTable]
    package let objects: [String: ObjectDeclaration]
    package let calls: [ProgramCall]
    package let nothingAllowed: NothingAllowed?
    /// For `user.pseudonym`; a secret.
    let pseudonymKey: [UInt8]?
    /// Whom a refused user can ask, a sentence's end such as "jupyter-support@example.org"; nil: "your hub's operators".
    package let contact: String?
    let tables: PolicyTables

    package init(
        profiles: [Profile], base: JSONObject, rules: [SiteRule] = [], maps: [String: RowTable] = [:],
        objects: [String: ObjectDeclaration] = [:], calls: [ProgramCall] = [], nothingAllowed: NothingAllowed? = nil,
        pseudonymKey: [UInt8]? = nil, contact: String?
    ) {
        self.profiles = profiles
        self.base = base
        self.rules = rules
        self.maps = maps
        self.objects = objects
        self.calls = calls
        self.nothingAllowed = nothingAllowed
        self.pseudonymKey = pseudonymKey
        self.contact = contact
        tables = PolicyTables(profiles: profiles, base: base, rules: rules)
    }
}

/// What somebody is told for whom nothing is allowed.
package struct NothingAllowed: Sendable, Hashable {
    /// Nil for the usual words.
    package let message: String?
    /// The title of an entry that the form shows and nobody can start; nil for a refusal instead of a form.
    package let entry: String?

    package init(message: String?, entry: String?) {
        self.message = message
        self.entry = entry
    }
}

/// One entry of KubeSpawner's profile list, with what Berth adds beside it.
package final class Profile: Sendable {
    package let slug: String
    package let displayName: String
    package let description: String
    package let isDefault: Bool
    package let allow: Rule
    package let overrides: JSONObject
    /// `images` and `gpu` of the file stand here too, as the options with the keys `image` and `gpu`.
    package let options: [ProfileOption]
    package let walltime: WalltimeTerms?
    package let tokens: [TokenHandOff]
    package let switches: PodSwitches
    /// Not listed and never the default; to be started by name.
    package let isHidden: Bool
    package let set: SetBlock
    /// The profile's line in the file.
    package let line: Int
    /// Places of `options`, those that others need before them.
    let answerOrder: [Int]
    /// Whether one of them, or a choice of it, needs another.
    let hasNeeds: Bool
    /// Whether one of them may leave somebody without an answer.
    let mayBlock: Bool
    let carriesGPU: Bool
    /// What is asked of those who want all that the options hold.
    let restrictions: [Rule]
    /// What they are offered, place by place of `options`: most are, and share it.
    let offeredInFull: [OfferedOption]

    package init(
        slug: String, displayName: String, description: String, isDefault: Bool, allow: Rule, overrides: JSONObject,
        options: [ProfileOption], walltime: WalltimeTerms?, tokens: [TokenHandOff] = [],
        switches: PodSwitches = PodSwitches(), isHidden: Bool = false, set: SetBlock = SetBlock(), line: Int
    ) {
        self.slug = slug
        self.displayName = displayName
        self.description = description
        self.isDefault = isDefault
        self.allow = allow
        self.overrides = overrides
        self.options = options
        self.walltime = walltime
        self.tokens = tokens
        self.switches = switches
        self.isHidden = isHidden
        self.set = set
        self.line = line
        answerOrder = NeedsOrder(options).places
        hasNeeds = options.contains { !$0.needed.isEmpty }
        mayBlock = options.contains { !$0.hasFreeChoice && !$0.choices.isEmpty }
        carriesGPU = options.contains(where: \.carriesGPU)
        restrictions = options.flatMap(\.restrictions)
        offeredInFull = options.map(OfferedOption.init(inFull:))
    }
}

/// `walltime: {default, max, extend}`: what a server gets unasked, the most that `user_options.walltime` may ask for, and
/// what its user may add while it runs.
package struct WalltimeTerms: Sendable, Hashable {
    package let standard: Duration
    package let max: Duration
    /// Nil where the end is the end, but for operators.
    package let extending: WalltimeExtension?
    package init(standard: Duration, max: Duration, extending: WalltimeExtension? = nil) {
        self.standard = standard
        self.max = max
        self.extending = extending
    }
}

/// What the user may vary in a profile.
package final class ProfileOption: Sendable {
    package let key: String
    package let displayName: String
    package let allow: Rule
    /// In the declared order, which is also the order in which the default falls back.
    package let choices: [Choice]
    package let unlisted: UnlistedChoice?
    package let needs: Needs?
    package let line: Int
    let carriesGPU: Bool
    /// Whether a choice is for everyone, so that nobody is left without one.
    let hasFreeChoice: Bool
    /// The choices that are not for everyone.
    let restricted: [Choice]
    /// What is asked of those who want all of it.
    let restrictions: [Rule]

    package init(
        key: String, displayName: String, allow: Rule, choices: [Choice], unlisted: UnlistedChoice?,
        needs: Needs? = nil, line: Int
    ) {
        self.key = key
        self.displayName = displayName
        self.allow = allow
        self.choices = choices
        self.unlisted = unlisted
        self.needs = needs
        self.line = line
        carriesGPU = choices.contains { $0.gpu != nil }
        hasFreeChoice = choices.contains(where: \.allow.isForEveryone)
        restricted = choices.filter { !$0.allow.isForEveryone }
        let rules = [allow] + restricted.map(\.allow) + [unlisted?.allow].compactMap(\.self)
        restrictions = rules.filter { !$0.isForEveryone }
    }
}

/// One value of an option, and what it means.
package final class Choice: Sendable {
    package let id: String
    package let displayName: String
    package let isDefault: Bool
    package let allow: Rule
    package let overrides: JSONObject
    /// The image reference this choice stands for; nil for a choice that does not set one.
    package let image: String?
    package let gpu: GPUOffer?
    /// Ids of other choices of this option, by preference: the first that is free stands in for this one.
    package let anyOf: [String]
    package let needs: Needs?
    /// Not listed and never the default; to be chosen by name.
    package let isHidden: Bool
    package let set: SetBlock
    package let line: Int
    /// All that the choice sets, its image among it.
    let layer: JSONObject

    package init(
        id: String, displayName: String, isDefault: Bool, allow: Rule, overrides: JSONObject, image: String? = nil,
        gpu: GPUOffer? = nil, anyOf: [String] = [], needs: Needs? = nil, isHidden: Bool = false,
        set: SetBlock = SetBlock(), line: Int
    ) {
        self.id = id
        self.displayName = displayName
        self.isDefault = isDefault
        self.allow = allow
        self.overrides = overrides
        self.image = image
        self.gpu = gpu
        self.anyOf = anyOf
        self.needs = needs
        self.isHidden = isHidden
        self.set = set
        self.line = line
        var layer = overrides
        if let image { layer[Key.image] = JSON(image) }
        self.layer = layer
    }
}

/// GPU capacity that a choice asks for.
package struct GPUOffer: Sendable, Hashable {
    package let pool: String
    package let amount: Amount

    package enum Amount: Sendable, Hashable {
        case fixed(GPUAmount)
        /// A share whose size the user types as whole GiB in the option `gpu-size`; the limit is the request.
        case sized(ShareSizes)
    }

    package init(pool: String, amount: Amount) {
        self.pool = pool
        self.amount = amount
    }
}

/// The sizes that a user may ask for, in whole GiB.
package struct ShareSizes: Sendable, Hashable {
    package let min: Int
    package let max: Int
    package let step: Int
    /// Nil: the user must say.
    package let standard: Int?

    package init(min: Int, max: Int, step: Int, standard: Int?) {
        self.min = min
        self.max = max
        self.step = step
        self.standard = standard
    }
}

/// KubeSpawner's `unlisted_choice`: free text, checked.
package final class UnlistedChoice: Sendable {
    package let displayName: String
    package let displayNameInChoices: String
    /// Must match the whole text, unlike Python's `re.match`.
    package let validationRegex: String?
    package let validationMessage: String?
    /// Values may hold `{value}`.
    package let overrides: JSONObject
    package let allow: Rule
    /// True for the option `image`: the text must be an image reference too.
    package let isImage: Bool
    /// The text is a number of this range.
    package let number: NumberRange?
    package let set: SetBlock
    package let line: Int
    /// `validationRegex` read; nil where there is none, or where it cannot be read and so matches nothing.
    package let pattern: Pattern?

    package init(
        displayName: String, displayNameInChoices: String, validationRegex: String?, validationMessage: String?,
        overrides: JSONObject, allow: Rule, isImage: Bool, number: NumberRange? = nil, set: SetBlock = SetBlock(),
        line: Int
    ) {
        self.displayName = displayName
        self.displayNameInChoices = displayNameInChoices
        self.validationRegex = validationRegex
        self.validationMessage = validationMessage
        self.overrides = overrides
        self.allow = allow
        self.isImage = isImage
        self.number = number
        self.set = set
        self.line = line
        pattern = validationRegex.flatMap { try? Pattern($0) }
    }
}
