// SPDX-License-Identifier: Apache-2.0

/// What a token must say to count, from the configuration and never from the token or its issuer.
package struct TokenExpectations: Sendable, Hashable {
    /// Exactly as `iss` has it.
    package let issuer: String
    package let kind: TokenKind
    /// One of these must be among `aud`. WLCG's `https://wlcg.cern.ch/jwt/v1/any` counts only where it stands here.
    package let audiences: [String]
    /// What an ID token's `azp` must be, where it has one; nil takes each of `audiences`.
    package let clientID: String?
    package let algorithms: Set<SigningAlgorithm>
    /// How far clocks may differ for `nbf` and `iat`. None is given at `exp`.
    package let skew: Duration
    /// Whether policy reads groups from the token, so that it must not leave them out.
    package let needsGroups: Bool

    package init(
        issuer: String, kind: TokenKind, audiences: [String], clientID: String? = nil,
        algorithms: Set<SigningAlgorithm> = Set(SigningAlgorithm.all), skew: Duration = .seconds(60),
        needsGroups: Bool = false
    ) {
        self.issuer = issuer
        self.kind = kind
        self.audiences = audiences
        self.clientID = clientID
        self.algorithms = algorithms
        self.skew = skew
        self.needsGroups = needsGroups
    }
}

/// What a token was issued for; one is never taken for the other.
package enum TokenKind: String, Sendable, Hashable, CaseIterable {
    /// To act for the user (RFC 9068, and what issuers sent before it).
    case access
    /// To tell a client who logged in (OpenID Connect Core section 2).
    case id

    var words: String {
        switch self {
        case .access: "access token"
        case .id: "ID token"
        }
    }
}
