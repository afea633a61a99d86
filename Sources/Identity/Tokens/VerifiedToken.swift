// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// What a token says, once its signature and its bounds were checked.
package struct VerifiedToken: Sendable {
    package let claims: JSON
    /// From then on it proves nothing any more.
    package let expiry: Instant
    /// The proof holds, but something is left out that only the issuer can tell.
    package let gap: TokenGap?
}

/// What a proven token leaves out.
package enum TokenGap: Sendable, Hashable {
    /// Whose it is; what else it leaves out nobody knows.
    case user
    case groups
    /// Perhaps much: by its id it is one of Keycloak's lightweight tokens, though it names its user.
    case perhaps
}
