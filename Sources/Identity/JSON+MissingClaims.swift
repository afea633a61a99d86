// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// Claims that a provider has and did not send. To take them for "none" would give a user the wrong server in silence.
extension JSON {
    /// Whether these claims say that the claim at `path` is to be had elsewhere: OpenID Connect Core 5.6.2, which Entra
    /// uses for users with many groups, and Entra's `hasgroups` in tokens of the implicit flow. The address is not
    /// followed, since whoever writes the claims would choose whom we call.
    func isElsewhere(_ path: ClaimPath) -> Bool {
        guard claim(at: path) == nil else { return false }
        // Within an auth state the provider's claims stand a step further down.
        var claims = self
        for name in path.names {
            if claims.isElsewhere(name) { return true }
            guard let inner = claims[name] else { return false }
            claims = inner
        }
        return false
    }

    private func isElsewhere(_ name: String) -> Bool {
        if self["_claim_names"]?[name] != nil { return true }
        return name == "groups" && self["hasgroups"].map { $0.bool == true || $0.string == "true" } ?? false
    }

    /// Keycloak's lightweight access tokens: `typ` is `Bearer`, and the subject that every other token must have is
    /// left out. Where a site puts it back, the token's id still tells: `onltac:…` has `lt` for its kind.
    var isLightweightToken: Bool {
        guard self["typ"]?.string == "Bearer" else { return false }
        if self["sub"] == nil { return true }
        let id = (self["jti"]?.string ?? "").utf8
        return id.count > 7 && id.dropFirst(6).first == UInt8(ascii: ":") && id.dropFirst(2).starts(with: "lt".utf8)
    }
}
