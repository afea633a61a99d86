// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

extension Policy {
    /// What `subject` may start, with the defaults that a start without options would take.
    ///
    /// `lastOptions` are the `user_options` of an earlier start: what is still offered of them is selected again, and
    /// a notice says so when something is not.
    package func offer(for subject: Subject, lastOptions: JSON? = nil) -> Offer {
        let reach = Reach(of: subject, in: self)
        let standard = reach.standardProfile
        let last = LastChoice(lastOptions, reach: reach)
        let selected = last?.profile ?? standard
        var offered: [OfferedProfile] = []
        offered.reserveCapacity(profiles.count)
        for profile in profiles where !profile.isHidden && reach.isOpen(profile) {
            offered.append(
                OfferedProfile(
                    profile, isDefault: profile === standard, isSelected: profile === selected,
                    last: profile === last?.profile ? last : nil, reach: reach))
        }
        if let overspent = reach.overspent { return Offer(profiles: [], notice: nil, refusal: overspent.refusal) }
        if offered.isEmpty, let entry = nothingAllowed?.entry {
            return Offer(profiles: [OfferedProfile(explaining: nothingAllowed(reach), title: entry)], notice: nil)
        }
        return Offer(profiles: offered, notice: notice(last, selected: selected))
    }

    private func notice(_ last: LastChoice?, selected: Profile?) -> String? {
        guard let last, last.isStale, let selected else { return nil }
        guard last.profile != nil else {
            return "Your earlier choice is no longer offered; \(quoted(selected.displayName)) is selected instead."
        }
        return "Part of your earlier choice is no longer offered; the standard values are selected instead."
    }
}

extension OfferedProfile {
    fileprivate init(_ profile: Profile, isDefault: Bool, isSelected: Bool, last: LastChoice?, reach: Reach) {
        self.profile = profile
        self.isDefault = isDefault
        self.isSelected = isSelected
        options = OfferedProfile.options(of: profile, last: last, reach: reach)
        walltime = profile.walltime.map { $0.capped(reach.walltimeBounds(of: profile)) }
        walltimeAsked = last?.walltime
        gpuSize = last?.gpuSize ?? (profile.carriesGPU ? options.standardSize : nil)
    }

    private static func options(of profile: Profile, last: LastChoice?, reach: Reach) -> [OfferedOption] {
        let isPlain = last == nil && !profile.hasNeeds
        if isPlain, reach.allows(all: profile.restrictions) { return profile.offeredInFull }
        let standard = reach.standardIDs(of: profile)
        return profile.options.indices.compactMap { place in
            let option = profile.options[place]
            if isPlain, reach.allows(all: option.restrictions) { return profile.offeredInFull[place] }
            guard reach.isOpen(option) else { return nil }
            return OfferedOption(option, last: last?.answers[option.key], standard: standard, reach: reach)
        }
    }
}

extension [OfferedOption] {
    /// Of the share that is selected.
    fileprivate var standardSize: String? {
        let share = lazy.flatMap(\.choices).first { $0.isSelected && $0.gpu?.sizes != nil }
        return share?.gpu?.sizes?.standard.map { String($0) }
    }
}

extension OfferedProfile {
    /// An entry that nobody can start: it says why there is no other.
    fileprivate init(explaining objection: Objection, title: String) {
        profile = Profile(
            slug: NothingAllowed.slug, displayName: title.escapedForHTML,
            description: objection.refusal.userMessage.escapedForHTML, isDefault: true, allow: .everyone,
            overrides: [:], options: [], walltime: nil, line: 0)
        (isDefault, isSelected) = (true, true)
        options = []
        (walltime, gpuSize, walltimeAsked) = (nil, nil, nil)
    }
}

extension String {
    fileprivate var escapedForHTML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension OfferedOption {
    fileprivate init(
        _ option: ProfileOption, last: Selection.Answer.Value?, standard ids: [String: String], reach: Reach
    ) {
        self.option = option
        unlisted = reach.openUnlisted(of: option)
        mustType = reach.mustType(option, beside: nil)
        let open = option.choices.filter { !$0.isHidden && reach.isOpen($0) }
        let standard = ids[option.key] ?? open.standard?.id
        switch last {
        case .typed(_, let text): (typed, choices) = (text, open.offered(standard: standard, selected: nil))
        case .listed(let choice): (typed, choices) = (nil, open.offered(standard: standard, selected: choice.id))
        case nil: (typed, choices) = (nil, open.offered(standard: standard, selected: standard))
        }
    }

    /// As somebody is offered it who may have all of it, and had nothing else before.
    init(inFull option: ProfileOption) {
        self.option = option
        unlisted = option.unlisted
        let listed = option.choices.filter { !$0.isHidden }
        let standard = listed.standard?.id
        (typed, choices) = (nil, listed.offered(standard: standard, selected: standard))
        mustType = listed.isEmpty && option.unlisted.map(option.mustType) ?? false
    }
}

extension [Choice] {
    /// Of those that a user may have: the marked one, else the first.
    fileprivate var standard: Choice? { first(where: \.isDefault) ?? first }

    fileprivate func offered(standard: String?, selected: String?) -> [OfferedChoice] {
        map { OfferedChoice(choice: $0, isDefault: $0.id == standard, isSelected: $0.id == selected) }
    }
}

extension WalltimeTerms {
    fileprivate func capped(_ bounds: WalltimeBounds) -> WalltimeTerms {
        let most = bounds.most ?? max
        return WalltimeTerms(standard: Swift.min(bounds.standard ?? standard, most), max: most)
    }
}
