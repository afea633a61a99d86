// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import SpawnPolicy

/// An offer as the template wants it: every name in `form.mustache` is a member here.
struct PageView {
    let notice: String?
    let profiles: [ProfileView]

    init(_ offer: Offer, _ free: [OfferPlace: FreeWords]) {
        notice = offer.notice
        profiles = offer.profiles.map { ProfileView($0, free) }
    }

    struct ProfileView {
        let slug: String
        let displayName: String
        let description: String?
        let isSelected: Bool
        let options: [OptionView]
        let size: SizeView?
        let walltime: WalltimeView?
    }

    struct OptionView {
        let field: String
        let displayName: String
        let hasChoices: Bool
        let needs: NeedsView?
        let choices: [ChoiceView]
        let unlisted: UnlistedView?
    }

    struct ChoiceView {
        let id: String
        let displayName: String
        let isSelected: Bool
        let free: String?
        let isClosed: Bool
        let needs: NeedsView?
    }

    /// What must be chosen elsewhere, in words and for a script.
    struct NeedsView {
        let words: String
        let json: String
    }

    struct UnlistedView {
        let field: String
        let displayName: String
        let displayNameInChoices: String
        let isSelected: Bool
        let value: String
        let pattern: String?
        let message: String?
    }

    struct SizeView {
        let field: String
        let min: Int
        let max: Int
        let step: Int
        let value: String
    }

    struct WalltimeView {
        let field: String
        let max: String
        let standard: String
        let value: String
    }
}

extension PageView.ProfileView {
    init(_ profile: OfferedProfile, _ free: [OfferPlace: FreeWords]) {
        slug = profile.slug
        displayName = profile.displayName
        description = profile.description.isEmpty ? nil : profile.description
        isSelected = profile.isSelected
        options = profile.options.map { PageView.OptionView($0, of: profile.slug, free) }
        size = profile.options.flatMap(\.choices).lazy.compactMap(\.gpu?.sizes).first.map {
            PageView.SizeView(
                field: fieldName(profile.slug, Key.gpuSize), min: $0.min, max: $0.max, step: $0.step,
                value: profile.gpuSize ?? "")
        }
        walltime = profile.walltime.map {
            PageView.WalltimeView(
                field: fieldName(profile.slug, Key.walltime), max: $0.max.words, standard: $0.standard.words,
                value: profile.walltimeAsked ?? "")
        }
    }
}

extension PageView.OptionView {
    init(_ option: OfferedOption, of slug: String, _ free: [OfferPlace: FreeWords]) {
        field = fieldName(slug, option.key)
        displayName = option.displayName
        hasChoices = !option.choices.isEmpty
        needs = option.needs.map { PageView.NeedsView($0) }
        choices = option.choices.map { choice in
            let words = free[OfferPlace(slug, option.key, choice.id)]
            return PageView.ChoiceView(
                id: choice.id, displayName: choice.displayName, isSelected: choice.isSelected, free: words?.text,
                isClosed: words?.isClosed ?? false, needs: choice.needs.map { PageView.NeedsView($0) })
        }
        let field = field
        unlisted = option.unlisted.map { unlisted in
            PageView.UnlistedView(
                field: field + "--unlisted-choice", displayName: unlisted.displayName,
                displayNameInChoices: unlisted.displayNameInChoices, isSelected: option.typed != nil,
                value: option.typed ?? "", pattern: unlisted.validationRegex, message: unlisted.validationMessage)
        }
    }
}

extension PageView.NeedsView {
    init(_ needs: Needs) {
        words = needs.words
        json = needs.json
    }
}

/// KubeSpawner's name for an option's input: `profile-option-<slug>--<key>`.
private func fieldName(_ slug: String, _ key: String) -> String { "profile-option-\(slug)--\(key)" }
