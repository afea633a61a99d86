// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

/// An access token as Berth hands it over.
struct TokenAnswer: Sendable {
    let token: String
    let life: Duration
    /// By the provider's clock; for people.
    let expiresAt: Instant?
    /// What the one who wrote the profile should know, such as that the token was not narrowed.
    let warning: String?

    init(_ json: JSON, for audience: String) throws(SidecarError) {
        guard let token = json["access_token"]?.string, isBearerToken(token) else {
            throw .unexpected("an answer that is not a token")
        }
        guard let life = json["expires_in_s"]?.span, life > .zero else {
            throw .unexpected("a token that does not say how long it lasts")
        }
        if let other = json["audience"]?.string, other != audience {
            throw .unexpected("a token for another audience")
        }
        self.token = token
        self.life = life
        expiresAt = json["expires_at"]?.string.flatMap { Instant(rfc3339: $0) }
        warning = json["warning"]?.string
    }
}
