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
        /// A cap on walltime, by its place in the file; `isAllowed` says that it applies.
        case walltimeCap(Int)
    }
}

extension Policy {
    /// Every profile with its options and choices, in the file's order, then the walltime caps.
    package func explain(for subject: Subject) -> [Explanation] {
        let reach = Reach(of: subject, in: self)
        return profiles.flatMap { explain($0, reach) } + explainCaps(reach)
    }

    private func explain(_ profile: Profile, _ reach: Reach) -> [Explanation] {
        let finding = reach.evaluation.finding(of: profile.allow)
        let isOpen = reach.isOpen(profile)
        let why = finding.verdict == .yes && !isOpen ? "; but \(reach.whyClosed(profile))" : ""
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
        let isAllowed = finding.verdict == .yes && isAroundOpen
        let addition = finding.verdict == .yes && !isAroundOpen ? "; but \(why)" : ""
        return Explanation(item: item, isAllowed: isAllowed, finding: finding, sentence: finding.sentence + addition)
    }

    private func explainCaps(_ reach: Reach) -> [Explanation] {
        walltimeCaps.enumerated().map { place, cap in
            let finding = reach.evaluation.finding(of: cap.when)
            let words = finding.verdict == .no ? "does not apply" : "caps the walltime at \(cap.max.words)"
            return Explanation(
                item: .walltimeCap(place), isAllowed: finding.verdict != .no, finding: finding,
                sentence: "\(finding.sentence); \(words)")
        }
    }
}
