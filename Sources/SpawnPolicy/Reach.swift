// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The part of the policy that one subject may use. Form, API and explanation all ask here, so that they cannot
/// differ on what is open or what stands for "the default".
struct Reach {
    let policy: Policy
    let evaluation: Evaluation

    init(of subject: Subject, in policy: Policy) {
        self.policy = policy
        evaluation = Evaluation(of: subject)
    }

    /// Allowed, and none of its options leaves the user without an answer.
    func isOpen(_ profile: Profile) -> Bool {
        evaluation.allows(profile.allow) && !profile.options.contains(where: isBlocked)
    }

    /// The profile that starts when none is named: the marked one if it is open, else the first open one.
    var standardProfile: Profile? {
        policy.profiles.first { $0.isDefault && isOpen($0) } ?? policy.profiles.first(where: isOpen)
    }

    /// Whether the user sees the option at all; one that is closed to them is left out of form and start alike.
    func isOpen(_ option: ProfileOption) -> Bool {
        evaluation.allows(option.allow) && (standardChoice(of: option) != nil || openUnlisted(of: option) != nil)
    }

    /// An option that was meant for this user, with choices, of which not one is theirs.
    func isBlocked(_ option: ProfileOption) -> Bool {
        !option.choices.isEmpty && evaluation.allows(option.allow) && !isOpen(option)
    }

    func isOpen(_ choice: Choice) -> Bool { evaluation.allows(choice.allow) }

    /// The choice that counts when none is named: the marked one if it is open, else the first open one as declared.
    func standardChoice(of option: ProfileOption) -> Choice? {
        option.choices.first { $0.isDefault && isOpen($0) } ?? option.choices.first(where: isOpen)
    }

    func openUnlisted(of option: ProfileOption) -> UnlistedChoice? {
        option.unlisted.flatMap { evaluation.allows($0.allow) ? $0 : nil }
    }

    /// Whether a start must carry a typed text: nothing listed can stand in for it. An image is the exception where
    /// no list was declared, since the hub has an image of its own then.
    func mustType(_ option: ProfileOption) -> Bool {
        guard let unlisted = openUnlisted(of: option), standardChoice(of: option) == nil else { return false }
        return !(unlisted.isImage && option.choices.isEmpty)
    }

    /// The shortest cap on this subject's walltime. A cap applies unless its rule is plainly not met: whoever cannot
    /// be told apart from the capped gets the shorter time.
    var walltimeCap: Duration? {
        policy.walltimeCaps.lazy.filter { evaluation.verdict(of: $0.when) != .no }.map(\.max).min()
    }

    /// For the log and for operators: which line decided, in words.
    func reason(_ rule: Rule) -> String { evaluation.finding(of: rule).sentence }
}
