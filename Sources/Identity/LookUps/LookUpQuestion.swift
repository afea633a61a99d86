// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// About whom a look-up is asked.
package struct LookUpQuestion: Sendable {
    package let user: String
    package let deployment: String
    /// What claims and hub say of the user, for addresses: an object.
    package let claims: JSON
    /// The user's own access token, for a look-up that presents it; nil where there is none that may be.
    package let usersToken: ClientSecret?

    package init(user: String, deployment: String, claims: JSON = .emptyObject, usersToken: ClientSecret? = nil) {
        self.user = user
        self.deployment = deployment
        self.claims = claims
        self.usersToken = usersToken
    }
}
