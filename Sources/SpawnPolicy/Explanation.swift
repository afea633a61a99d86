// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Why a subject may or may not have one thing of the policy. For operators: it names roles and groups.
package struct Explanation: Sendable, Hashable {
    package let item: Item
    /// Whether a start would accept it: its own rule, and everything it stands in.
    package let isAllowed: Bool
    package let finding: Finding
    /// Ends with why not, where its own rule allows and what is around it does not.
    package let sentence: String

    package enum Item: Sendable, Hashable {
        case profile(String)
        case option(profile: String, option: String)
        /// Images are choices of the option `image`.
        case choice(profile: String, option: String, choice: String)
        case unlistedChoice(profile: String, option: String)
        /// A rule; `isAllowed` says that it applies.
        case rule(String)
    }
}

extension Policy {
    /// Every profile with its options and choices, in the file's order, then the rules.
    package func explain(for subject: Subject) -> [Explanation] {
        let reach = Reach(of: subject, in: self)
        return profiles.flatMap { explain($0, reach) } + explainRules(reach)
    }

    private func explain(_ profile: Profile, _ reach: Reach) -> [Explanation] {
        let finding = reach.evaluation.finding(of: profile.allow)
        let isOpen = reach.isOpen(profile)
        let hidden = profile.isHidden ? "; hidden: not listed, to be started by name" : ""
        let why = hidden + (finding.verdict == .yes && !isOpen ? "; but \(reach.whyClosed(profile))" : "")
        let whole = Explanation(
            item: .profile(profile.slug), isAllowed: isOpen, finding: finding, sentence: finding.sentence + why)
        return [whole] + profile.options.flatMap { explain($0, of: profile, isProfileOpen: isOpen, reach) }
    }

    private func explain(
        _ option: ProfileOption, of profile: Profile, isProfileOpen: Bool, _ reach: Reach
    ) -> [Explanation] {
        let isOpen = isProfileOpen && reach.isOpen(option)
        let around = isProfileOpen ? "its option is not allowed" : "its profile is not allowed"
        let whole = explanation(
            .option(profile: profile.slug, option: option.key), option.allow, isAroundOpen: isOpen,
            isProfileOpen ? "none of its choices is allowed" : around, reach)
        let choices = option.choices.map { choice in
            explanation(
                .choice(profile: profile.slug, option: option.key, choice: choice.id), choice.allow,
                isAroundOpen: isOpen, around, reach)
        }
        let unlisted = option.unlisted.map { unlisted in
            explanation(
                .unlistedChoice(profile: profile.slug, option: option.key), unlisted.allow, isAroundOpen: isOpen,
                around,
                reach)
        }
        return [whole] + choices + (unlisted.map { [$0] } ?? [])
    }

    private func explanation(
        _ item: Explanation.Item, _ rule: Rule, isAroundOpen: Bool, _ why: String, _ reach: Reach
    ) -> Explanation {
        let finding = reach.evaluation.finding(of: rule)
        let isAllowed = reach.allows(rule) && isAroundOpen
        let addition = finding.verdict == .yes && !isAroundOpen ? "; but \(why)" : ""
        return Explanation(item: item, isAllowed: isAllowed, finding: finding, sentence: finding.sentence + addition)
    }

    /// Without a choice at hand, a rule that asks for one is told as what it hangs on.
    private func explainRules(_ reach: Reach) -> [Explanation] {
        rules.map { rule in
            let finding = reach.evaluation.finding(of: rule.when)
            let isRestricting = rule.set.restricts || rule.refusal != nil
            let applies = finding.verdict == .yes || finding.verdict == .unknown && isRestricting
            let isOpen = finding.verdict != .no && (rule.when.asksForProfile || rule.when.asksForChoice)
            let outcome =
                isOpen
                ? "depends on what is started, then it \(rule.deeds)" : applies ? "it \(rule.deeds)" : "does not apply"
            let condition = rule.when.test == .everyone ? "line \(rule.line): for everyone" : finding.sentence
            return Explanation(
                item: .rule(rule.name), isAllowed: applies, finding: finding, sentence: "\(condition); \(outcome)")
        }
    }
}

extension SiteRule {
    /// What the rule does, in a few words.
    fileprivate var deeds: String {
        var deeds: [String] = []
        if grants != nil { deeds.append("grants") }
        if refusal != nil { deeds.append("refuses") }
        if !set.isEmpty { deeds.append("sets \(set.parts.joined(separator: ", "))") }
        return deeds.joined(separator: ", ")
    }
}

extension SetBlock {
    fileprivate var parts: [String] {
        var parts = traitNames + (pod?.names ?? [])
        if !objects.isEmpty { parts.append("objects") }
        if let walltime { parts.append("walltime \(walltime.words)") }
        if let idle { parts.append("idle \(idle.words)") }
        return parts
    }
}

extension SpanChange {
    fileprivate var words: String {
        switch self {
        case .replace(let span): span?.words ?? "without limit"
        case .raise(let span): "at least \(span.words)"
        case .lower(let span): "at most \(span.words)"
        case .standard(let span): "\(span.words) where nothing is said"
        }
    }
}
