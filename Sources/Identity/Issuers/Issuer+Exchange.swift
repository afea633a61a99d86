// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension Issuer {
    /// An access token of the same user for `audience` alone (RFC 8693 section 2).
    ///
    /// - Parameter scope: scopes with blanks between, where fewer than the client's are enough.
    /// - Throws: `IssuerError.status` where the issuer does not give it. What it gives is as it says: whoever hands it
    ///   on checks it.
    package func exchanged(
        _ token: String, for audience: String, scope: String?, by client: ClientCredentials
    ) async throws(IssuerError) -> ExchangedToken {
        var form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token), ("subject_token_type", Self.accessTokenType),
            ("requested_token_type", Self.accessTokenType), ("audience", audience),
        ]
        if let scope { form.append(("scope", scope)) }
        let url = try await keySets.endpoint(.token)
        let answer = try await asking.ask(IssuerQuestion(.token, url, form: form, by: client))
        guard answer.status == 200 else { throw .status(.token, answer.status) }
        guard let json = try? JSON(parsing: answer.body), let given = json["access_token"]?.string else {
            throw .unusable(.token, reason: "it holds no token")
        }
        // Section 2.2.1: an ID token or SAML assertion has this member say so, and is nobody's access token.
        guard
            [nil, Self.accessTokenType, "urn:ietf:params:oauth:token-type:jwt"].contains(
                json["issued_token_type"]?.string)
        else { throw .unusable(.token, reason: "it holds a token of another type") }
        return ExchangedToken(token: given, lifetime: json["expires_in"]?.int.map { .seconds($0) })
    }

    private static let accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
}

/// What an issuer gave for an access token. It never prints its value.
package struct ExchangedToken: Sendable, CustomStringConvertible, CustomReflectable {
    package let token: String
    /// Nil where the issuer does not say it.
    package let lifetime: Duration?

    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
