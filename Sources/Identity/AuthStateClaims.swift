// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// The claims in what a hub keeps of a user, without the secrets beside them.
///
/// OAuthenticator keeps tokens next to the claims, and some providers put them among the claims; no rule, pod, log or
/// explanation has a use for them, so they are dropped before anything reads the claims.
package enum AuthStateClaims {
    /// The key that stands for the auth state as a whole.
    package static let wholeKey = "."

    /// The claims under `key`, or all of the auth state where the key is `wholeKey`. Nil where there is nothing.
    package static func claims(of authState: JSON, under key: String) -> JSON? {
        guard key == wholeKey else { return authState[key].map(withoutTokens) }
        let members = (authState.object ?? JSONObject()).lazy.filter { !isSecretOfHub($0.key) }
        return withoutTokens(JSON(JSONObject(uniqueMembers: members.map { ($0.key, $0.value) })))
    }

    /// Claims without tokens, at any depth.
    package static func withoutTokens(_ claims: JSON) -> JSON {
        switch claims.kind {
        case .object: JSON(open(claims.object ?? JSONObject()))
        case .array: list(claims)
        default: claims
        }
    }

    private static func open(_ members: JSONObject) -> JSONObject {
        var kept = JSONObject()
        kept.reserve(members.count)
        for (key, value) in members where !tokens.contains(key.lowercased()) { kept[key] = withoutTokens(value) }
        return kept
    }

    /// A list of names, which is what most are, stays as it is.
    private static func list(_ claims: JSON) -> JSON {
        let elements = claims.array ?? []
        guard elements.contains(where: { $0.kind == .object || $0.kind == .array }) else { return claims }
        return JSON(elements.map(withoutTokens))
    }

    private static let tokens: Set = ["access_token", "refresh_token", "id_token", "token_response"]

    /// What authenticators call their secrets: `tokens` (Globus), `ACCESS_TOKEN_SECRET` (MediaWiki), `client_secret`.
    private static func isSecretOfHub(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["token", "secret", "password"].contains { key.contains($0) }
    }
}
