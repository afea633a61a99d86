// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// The part of the policy that one subject may use. Form, API and explanation all ask here, so that they cannot
/// differ on what is open or what stands for "the default".
///
/// Made for one request, and handed about by reference: a large site asks it some ten thousand times for a form.
final class Reach {
    let policy: Policy
    let evaluation: Evaluation
    /// A rule that refuses this subject whatever is chosen.
    let refusal: SiteRule?
    /// Rules that refuse some profiles.
    private let profileRefusals: [SiteRule]
    /// What bounds a server's time whatever is started; nil where that hangs on the profile.
    private(set) lazy var boundsOfAll = policy.tables.rules.limitsDiffer ? nil : limits(evaluation)

    init(of subject: Subject, in policy: Policy) {
        self.policy = policy
        let evaluation = policy.evaluation(of: subject)
        self.evaluation = evaluation
        let refusing = policy.tables.rules.refusing.lazy.map { policy.rules[$0] }.filter { !$0.when.asksForChoice }
        refusal = refusing.first { !$0.when.asksForProfile && evaluation.verdict(of: $0.when) != .no }
        profileRefusals = refusing.filter(\.when.asksForProfile)
    }

    /// Only a plain yes allows, but for those whom a rule exempts.
    func allows(_ rule: Rule) -> Bool { rule.isForEveryone || evaluation.isExempt || evaluation.allows(rule) }

    func allows(all rules: [Rule]) -> Bool { evaluation.isExempt || rules.allSatisfy { evaluation.allows($0) } }

    /// Allowed, not refused by a rule, and none of its options leaves the user without an answer.
    func isOpen(_ profile: Profile) -> Bool {
        allows(profile.allow) && refusal(of: profile) == nil
            && !(profile.mayBlock && profile.options.contains(where: isBlocked))
    }

    /// The rule that refuses `profile`, whatever is chosen in it. What restricts holds unless it is plainly not met.
    func refusal(of profile: Profile) -> SiteRule? {
        if let refusal { return refusal }
        if profileRefusals.isEmpty { return nil }
        let asking = evaluation.starting(StartFacts(profile: profile.slug, answers: nil))
        return profileRefusals.first { asking.verdict(of: $0.when) != .no }
    }

    /// The profile that starts when none is named: the marked one if it is open, else the first open one.
    var standardProfile: Profile? {
        let listed = policy.profiles.lazy.filter { !$0.isHidden }
        return listed.first { $0.isDefault && isOpen($0) } ?? listed.first(where: isOpen)
    }

    /// Whether the user sees the option at all; one that is closed to them is left out of form and start alike.
    func isOpen(_ option: ProfileOption) -> Bool {
        allows(option.allow) && (hasOpenChoice(option) || openUnlisted(of: option) != nil)
    }

    private func hasOpenChoice(_ option: ProfileOption) -> Bool {
        option.hasFreeChoice || option.restricted.contains(where: isOpen)
    }

    /// An option that was meant for this user, with choices, of which not one is theirs.
    func isBlocked(_ option: ProfileOption) -> Bool {
        !option.hasFreeChoice && !option.choices.isEmpty && allows(option.allow) && !isOpen(option)
    }

    /// Without regard to what else is chosen.
    func isOpen(_ choice: Choice) -> Bool { allows(choice.allow) }

    /// The choice that counts when none is named: the marked one if it can be had, else the first that can, as declared.
    ///
    /// - Parameter chosen: what is chosen so far; nil leaves aside what choices need.
    func standardChoice(of option: ProfileOption, beside chosen: [String: String]?) -> Choice? {
        let possible = option.choices.lazy.filter { [self] choice in
            !choice.isHidden && isOpen(choice) && (chosen.map { choice.needs?.areMet(by: $0) ?? true } ?? true)
        }
        return possible.first(where: \.isDefault) ?? possible.first { _ in true }
    }

    /// Option key to the id that counts when nothing is named.
    ///
    /// Empty where no option needs another: each then has a standard choice of its own.
    func standardIDs(of profile: Profile) -> [String: String] {
        guard profile.hasNeeds else { return [:] }
        var chosen: [String: String] = [:]
        for place in profile.answerOrder {
            let option = profile.options[place]
            guard allows(option.allow), option.needs?.areMet(by: chosen) ?? true else { continue }
            chosen[option.key] = standardChoice(of: option, beside: chosen)?.id
        }
        return chosen
    }

    func openUnlisted(of option: ProfileOption) -> UnlistedChoice? {
        option.unlisted.flatMap { allows($0.allow) ? $0 : nil }
    }

    /// Whether a start must carry a typed text: nothing listed can stand in for it.
    func mustType(_ option: ProfileOption, beside chosen: [String: String]?) -> Bool {
        guard let unlisted = openUnlisted(of: option), standardChoice(of: option, beside: chosen) == nil else {
            return false
        }
        return option.mustType(unlisted)
    }

    /// What stands instead of any answer once patterns have cost too much: what they left unknown may be wrong.
    var overspent: Objection? {
        evaluation.effort.isSpent ? .patternsTooCostly(Contact(policy)) : nil
    }

    /// For the log and for operators: which line decided, in words.
    func reason(_ rule: Rule) -> String { evaluation.finding(of: rule).sentence }
}
