// SPDX-License-Identifier: Apache-2.0

/// One choice on the page: the profile's slug, the option's key, the choice's id.
package struct OfferPlace: Hashable, Sendable {
    package let profile: String
    package let option: String
    package let choice: String

    package init(_ profile: String, _ option: String, _ choice: String) {
        self.profile = profile
        self.option = option
        self.choice = choice
    }
}
