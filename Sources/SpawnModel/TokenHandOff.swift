// SPDX-License-Identifier: Apache-2.0

/// An access token that a server gets: narrowed to `audience`, kept fresh in `file` inside the pod.
package struct TokenHandOff: Sendable, Hashable {
    package let audience: String
    package let file: String
    /// Scopes with blanks between, where a narrower token can be had by them; nil for those of the login.
    package let scope: String?
    package let onLoginEnd: LoginEnd

    /// What becomes of the server when its user's login has ended at the identity provider.
    package enum LoginEnd: String, Sendable, CaseIterable {
        /// It goes on without a token.
        case keep
        case stop
    }

    package init(audience: String, file: String, scope: String? = nil, onLoginEnd: LoginEnd = .keep) {
        self.audience = audience
        self.file = file
        self.scope = scope
        self.onLoginEnd = onLoginEnd
    }
}
