// SPDX-License-Identifier: Apache-2.0
package import Identity

/// One hub that may ask.
///
/// A class, since every request looks it up and a copy would count all its owners.
package final class Deployment: Sendable {
    /// As the file names it; in rules, logs and metrics.
    package let name: String
    /// What the hub presents to Berth.
    package let hookToken: Secret
    package let trust: Trust
    /// The member of the auth state that holds the claims, or `AuthStateClaims.wholeKey`.
    package let userAuthStateKey: String
    /// The member of the auth state that holds the token, and what kind of token it is.
    package let tokenAuthStateKey: String
    package var tokenKind: TokenKind { tokenAuthStateKey == "id_token" ? .id : .access }
    /// The issuer whose mapping applies to the hub's claims; nil leaves it to the `iss` of the claims.
    package let issuer: String?
    /// Whether claims must be those of whom the hub names, as the issuer's `username` tells it.
    package let checksUsername: Bool
    /// The Kubernetes namespace of the hub's servers.
    package let namespace: String?
    /// How long a reservation that no pod has used is held: the hub's own limit on a start.
    package let startTimeout: Duration
    /// Nil for a hub that Berth asks nothing.
    package let hubAPI: HubAPITerms?

    init(
        name: String, hookToken: Secret, trust: Trust, userAuthStateKey: String, tokenAuthStateKey: String,
        issuer: String?, checksUsername: Bool, namespace: String?, startTimeout: Duration,
        hubAPI: HubAPITerms?
    ) {
        self.name = name
        self.hookToken = hookToken
        self.trust = trust
        self.userAuthStateKey = userAuthStateKey
        self.tokenAuthStateKey = tokenAuthStateKey
        self.issuer = issuer
        self.checksUsername = checksUsername
        self.namespace = namespace
        self.startTimeout = startTimeout
        self.hubAPI = hubAPI
    }

    /// Whether its users' access tokens may be shown to a service that wants them.
    package func presents(_ wanted: LookUpTerms.UsersToken) -> Bool {
        guard tokenKind == .access else { return false }
        return switch (wanted, trust) {
        case (_, .none), (.proven, .authState): false
        case (_, .token), (.asSent, .authState): true
        }
    }

    /// What Berth takes from a hub without proof of its own.
    package enum Trust: String, Sendable, CaseIterable {
        case none
        /// Nothing: a token in the auth state that it sends proves its claims.
        case token
        /// The claims in the auth state that it sends.
        case authState = "auth_state"
    }
}
