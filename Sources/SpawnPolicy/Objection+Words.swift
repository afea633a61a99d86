// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// What a refused user reads, and what the log keeps. The user's part says what happened, what to do, and when it
/// helps; it names no group, no role and no other person, so that a refusal cannot be used to look around.
extension Objection {
    private init(
        _ reason: Refusal.Reason, key: String? = nil, _ userMessage: String, detail: String? = nil
    ) {
        self.init(key: key, refusal: Refusal(reason, userMessage: userMessage, detail: detail ?? userMessage))
    }

    // MARK: The shape of the options

    static func notAnObject(_ kind: JSON.Kind) -> Objection {
        Objection(
            .optionsMalformed,
            "The options of this start are \(kind.words), not an object of option and choice. "
                + "Open the form and choose again.")
    }

    static var tooManyKeys: Objection {
        Objection(
            .optionsMalformed,
            "This start has more than \(UserOptions.keysMax) options, more than any profile has. "
                + "Open the form and choose again.")
    }

    static func notText(key: String, _ value: JSON) -> Objection {
        let hint = value.kind == .number ? " Write numbers in quotes." : " Give exactly one text."
        return Objection(
            .optionsMalformed, key: key, "The value of \(quoted(key)) is \(value.kind.words), not text.\(hint)")
    }

    static var severalProfiles: Objection {
        Objection(
            .ambiguousProfile, key: "profile",
            "More than one profile was chosen. Choose exactly one and start again.")
    }

    static func severalValues(_ key: String) -> Objection {
        Objection(
            .ambiguousOption, key: key,
            "The field \(quoted(key)) has more than one value. Choose exactly one and start again.")
    }

    // MARK: The profile

    static func nothingAllowed(_ contact: Contact, words: String?, detail: String) -> Objection {
        Objection(
            .nothingAllowed,
            words ?? "There is nothing here that your account may start. Ask \(contact.text) for access; "
                + "after that, sign out and in again.", detail: detail)
    }

    static func unknownProfile(_ slug: String) -> Objection {
        Objection(
            .unknownProfile, key: "profile",
            "There is no profile \(quoted(slug)) here (any more). Open the form again and choose one that is shown.")
    }

    static func profileNotAllowed(_ profile: Profile, _ contact: Contact, detail: String) -> Objection {
        Objection(
            .profileNotAllowed, key: "profile",
            "Your account may not start the profile \(quoted(profile.displayName)). Choose another profile, "
                + "or ask \(contact.text) for access; after that, sign out and in again.", detail: detail)
    }

    // MARK: Options and choices

    static func unknownOption(_ key: String, _ profile: Profile) -> Objection {
        Objection(
            .unknownOption, key: key,
            "The profile \(quoted(profile.displayName)) has no option \(quoted(key)). "
                + "Leave it out, or open the form again and choose there.")
    }

    static func optionNotAllowed(_ option: ProfileOption, key: String, _ contact: Contact, detail: String) -> Objection
    {
        Objection(
            .optionNotAllowed, key: key,
            "Your account may not set the option \(quoted(option.key)). Leave it out, or ask \(contact.text) for access.",
            detail: detail)
    }

    static func unknownChoice(_ value: String, of option: ProfileOption, open: String) -> Objection {
        Objection(
            .unknownChoice, key: option.key,
            "The option \(quoted(option.key)) has no choice \(quoted(value)). \(open)")
    }

    static func choiceNotAllowed(_ choice: Choice, of option: ProfileOption, open: String, detail: String) -> Objection
    {
        Objection(
            .choiceNotAllowed, key: option.key,
            "Your account may not choose \(quoted(choice.id)) for the option \(quoted(option.key)). \(open)",
            detail: detail)
    }

    static func choiceNeeds(_ choice: Choice, of option: ProfileOption, _ needs: Needs) -> Objection {
        Objection(
            .choiceNeeds, key: option.key,
            "\(quoted(choice.id)) for the option \(quoted(option.key)) goes only with \(needs.words). "
                + "Change one of the two.",
            detail: "line \(needs.line): \(option.key)=\(choice.id) needs \(needs.words)")
    }

    static func optionNeeds(_ option: ProfileOption, _ needs: Needs) -> Objection {
        Objection(
            .choiceNeeds, key: option.key,
            "The option \(quoted(option.key)) goes only with \(needs.words). Leave it out, or change the other.",
            detail: "line \(needs.line): \(option.key) needs \(needs.words)")
    }

    static func nothingFits(_ option: ProfileOption, open: String) -> Objection {
        Objection(
            .choiceNeeds, key: option.key,
            "No value of the option \(quoted(option.key)) goes with what else is chosen. Choose something else there. "
                + open)
    }

    // MARK: Rules

    static func refused(by rule: SiteRule, _ evaluation: Evaluation) -> Objection {
        Objection(
            .refusedByRule, rule.refusal ?? "",
            detail: "\(rule.words) refuses: \(evaluation.finding(of: rule.when).sentence)")
    }

    static func value(_ error: ValueError, in origin: String, _ contact: Contact) -> Objection {
        let reason: Refusal.Reason = if case .missing = error { .valueMissing } else { .valueUnfit }
        return Objection(
            reason,
            "What is known of your account does not fit what this server needs, so it cannot be started. "
                + "Ask \(contact.text), or choose something else.", detail: "\(origin): \(error.detail)")
    }

    static func patternsTooCostly(_ contact: Contact) -> Objection {
        Objection(
            .patternsTooCostly,
            "What you may start cannot be worked out, because your account is in too many groups for a rule here. "
                + "Tell \(contact.text).",
            detail: "`matches` patterns took more than \(MatchEffort.most) steps for this user: write ones that have "
                + "one way to match, such as `/projects/.+`, not `(.+)+x`")
    }

    static func conflict(_ error: FieldMergeError, in origin: String, _ contact: Contact) -> Objection {
        Objection(
            .ruleConflict,
            "The rules of this site do not fit together for what you chose. Tell \(contact.text), or choose "
                + "something else.", detail: "\(origin): \(error)")
    }

    static func ambiguousOption(_ option: ProfileOption) -> Objection {
        Objection(
            .ambiguousOption, key: option.key,
            "The option \(quoted(option.key)) has both a choice from the list and a text of its own. Give only one.")
    }

    static func severalGPUs(_ keys: [String]) -> Objection {
        Objection(
            .ambiguousOption, key: keys.last,
            "The options \(keys.map(quoted).joined(separator: " and ")) each ask for a GPU, and a server gets only one. "
                + "Choose a value without a GPU for all but one of them.")
    }

    // MARK: Typed text

    static func typedNotAllowed(_ option: ProfileOption, key: String, open: String, detail: String) -> Objection {
        Objection(
            .unlistedChoiceNotAllowed, key: key,
            "A text of your own is not possible for the option \(quoted(option.key)). \(open)", detail: detail)
    }

    static func customImageNotAllowed(
        _ image: String, key: String, open: String, _ contact: Contact, detail: String
    ) -> Objection {
        Objection(
            .customImageNotAllowed, key: key,
            "\(quoted(image)) is none of the images that are offered, and your account may not start its own. \(open) "
                + "To use an image of your own, ask \(contact.text) for access.", detail: detail)
    }

    static func typedMissing(_ option: ProfileOption) -> Objection {
        Objection(
            .unlistedChoiceInvalid, key: typedKey(option.key),
            "The option \(quoted(option.key)) needs a value, and nothing was typed. Type one and start again.")
    }

    static func typedInvalid(_ option: ProfileOption, why: String) -> Objection {
        Objection(
            .unlistedChoiceInvalid, key: typedKey(option.key),
            "The text for the option \(quoted(option.key)) cannot be used: \(why.asSentenceEnd)")
    }

    // MARK: GPU size and walltime

    static func sizeMissing(_ sizes: ShareSizes) -> Objection {
        Objection(.sizeMissing, key: Key.gpuSize, "Say how much GPU memory the server needs. \(sizes.words)")
    }

    static func sizeFormat(_ text: String, _ sizes: ShareSizes) -> Objection {
        Objection(
            .sizeFormat, key: Key.gpuSize,
            "\(quoted(text)) is not a size of GPU memory: write digits only, without a unit. \(sizes.words)")
    }

    static func sizeOutOfRange(_ text: String, _ sizes: ShareSizes) -> Objection {
        Objection(
            .sizeOutOfRange, key: Key.gpuSize, "\(quoted(text)) GiB of GPU memory is not offered. \(sizes.words)")
    }

    static func sizeWithoutShare(_ profile: Profile) -> Objection {
        Objection(
            .unknownOption, key: Key.gpuSize,
            "The option \"gpu-size\" belongs to a memory share of a GPU, and the choices made in the profile "
                + "\(quoted(profile.displayName)) have none. Leave it out, or choose a share.")
    }

    static func walltimeFormat(_ text: String, max: Duration) -> Objection {
        Objection(
            .walltimeInvalid, key: Key.walltime,
            "\(quoted(text)) is not a walltime: write a whole number and a unit, such as 90m, 4h or 2d. "
                + "The most here is \(max.words).")
    }

    static func walltimeTooLong(_ asked: Duration, max: Duration) -> Objection {
        Objection(
            .walltimeInvalid, key: Key.walltime,
            "A walltime of \(asked.words) is longer than this profile allows. Ask for \(max.words) or less.")
    }
}

/// Whom a refused user can ask.
struct Contact {
    let text: String
    init(_ policy: Policy) { text = policy.contact ?? "your hub's operators" }
}

extension String {
    /// An operator's message may lack its full stop.
    fileprivate var asSentenceEnd: String {
        unicodeScalars.last.map { ".!?".unicodeScalars.contains($0) } == true ? self : self + "."
    }
}

extension ShareSizes {
    /// "Possible are 2 to 40 GiB in steps of 2."
    fileprivate var words: String {
        if min == max { return "Possible is \(min) GiB." }
        return "Possible are \(min) to \(max) GiB" + (step > 1 ? " in steps of \(step)." : ".")
    }
}

extension JSON.Kind {
    fileprivate var words: String {
        switch self {
        case .null: "empty"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// User data in a sentence: in quotes, at most 80 characters, control characters shown as �.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { $0.isControl ? "\u{FFFD}" : Character($0) }
    return "\"" + String(shown) + (text.unicodeScalars.count > 80 ? "…" : "") + "\""
}

extension Unicode.Scalar {
    /// Control, format and line-separating characters: what could forge a line or hide in one.
    var isControl: Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        return isControlBeyondASCII
    }

    private var isControlBeyondASCII: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
