// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What the start page shows to one subject: only what a start would accept.
package struct Offer: Sendable {
    /// In the file's order; empty when nothing is allowed, which the page must say instead of starting anything.
    /// Otherwise exactly one is the default, and exactly one is selected.
    package let profiles: [OfferedProfile]
    /// A sentence for the user, such as that an earlier choice is gone.
    package let notice: String?
    /// Why nothing can be said at all; then there are no profiles.
    package var refusal: Refusal?
}

// What is offered refers to what the policy has: a form may show thousands of choices.

package struct OfferedProfile: Sendable {
    let profile: Profile
    /// What starts when nothing is named.
    package let isDefault: Bool
    /// What the page has ticked: the user's last choice while it is offered, else the default.
    package let isSelected: Bool
    package let options: [OfferedOption]
    /// With the caps on this subject applied.
    package let walltime: WalltimeTerms?
    /// For the size field: the last size while it is offered, else the chosen share's standard.
    package let gpuSize: String?
    /// For the walltime field: what was asked for last time, while it is offered.
    package let walltimeAsked: String?

    package var slug: String { profile.slug }
    package var displayName: String { profile.displayName }
    package var description: String { profile.description }
    package var overrides: JSONObject { profile.overrides }
}

package struct OfferedOption: Sendable {
    let option: ProfileOption
    /// In the declared order. One is the default, and one is selected unless a text of the user's own is; empty where
    /// only such a text is possible.
    package let choices: [OfferedChoice]
    package let unlisted: UnlistedChoice?
    /// The user's last text, selected now; nil where a choice is.
    package let typed: String?
    /// Whether a start without any value is refused.
    package let mustType: Bool

    package var key: String { option.key }
    package var displayName: String { option.displayName }
    /// What must be chosen elsewhere for the option to count.
    package var needs: Needs? { option.needs }
}

package struct OfferedChoice: Sendable {
    let choice: Choice
    package let isDefault: Bool
    package let isSelected: Bool

    package var id: String { choice.id }
    package var displayName: String { choice.displayName }
    package var image: String? { choice.image }
    package var gpu: GPUOffer? { choice.gpu }
    /// Ids of the choices of which the first free one stands in for this.
    package var anyOf: [String] { choice.anyOf }
    /// What must be chosen elsewhere for the choice to be valid.
    package var needs: Needs? { choice.needs }
    package var overrides: JSONObject { choice.layer }
}

extension Offer {
    package var defaultProfile: OfferedProfile? { profiles.first(where: \.isDefault) }
    package var selectedProfile: OfferedProfile? { profiles.first(where: \.isSelected) }
}
