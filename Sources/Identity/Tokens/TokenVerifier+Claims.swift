// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

extension TokenVerifier {
    /// What was proven, held against what is expected: whose, for whom, of which kind, and when.
    package func checked(_ claims: JSON, at now: Instant) throws(TokenError) -> VerifiedToken {
        guard claims["iss"]?.isText(expectations.issuer) == true else { throw .issuerWrong }
        guard expectations.kind.allows(claims) else { throw .typeWrong(expected: expectations.kind) }
        let gap = gap(in: claims)
        // A token that says nothing about its user does not say whom it is for either; whoever fills the gap does.
        if gap != .user || claims["aud"] != nil { try checkAudience(claims) }
        return VerifiedToken(claims: claims, expiry: try checkTimes(claims, at: now), gap: gap)
    }

    private func gap(in claims: JSON) -> TokenGap? {
        if claims["sub"]?.string?.isEmpty ?? true { return .user }
        let isElsewhere = claims["_claim_names"]?["groups"] != nil || claims["hasgroups"]?.bool == true
        return expectations.needsGroups && isElsewhere ? .groups : nil
    }

    // MARK: - Whom it is for

    /// RFC 7519 section 4.1.3, OpenID Connect Core section 3.1.3.7.
    private func checkAudience(_ claims: JSON) throws(TokenError) {
        let named = try claims["aud"].map { aud throws(TokenError) in try aud.audiences() } ?? []
        guard named.contains(where: isOurs) else { throw .audienceWrong }
        guard expectations.kind == .id else { return }
        guard let party = claims["azp"] else {
            if named.count > 1 { throw .partyWrong }
            return
        }
        guard let party = party.string, isUs(party) else { throw .partyWrong }
    }

    private func isOurs(_ audience: String) -> Bool {
        expectations.audiences.contains { $0.isExactly(audience) }
    }

    private func isUs(_ party: String) -> Bool {
        expectations.clientID.map { $0.isExactly(party) } ?? isOurs(party)
    }

    // MARK: - When

    /// - Returns: when it expires.
    private func checkTimes(_ claims: JSON, at now: Instant) throws(TokenError) -> Instant {
        guard let expiry = try claims.time(.expiry, .down) else { throw .expiryMissing }
        guard now < expiry else { throw .expired(expiry) }
        let latest = now + expectations.skew
        if let start = try claims.time(.notBefore, .up), latest < start { throw .notYetValid(start) }
        if let issued = try claims.time(.issued, .up), latest < issued { throw .issuedInFuture(issued) }
        return expiry
    }
}

extension JSON {
    /// `aud`: a text or a list of texts.
    fileprivate func audiences() throws(TokenError) -> [String] {
        if let one = string { return [one] }
        guard let list = array else { throw .malformed(.payload, .member("aud")) }
        var audiences: [String] = []
        for element in list {
            guard let audience = element.string else { throw .malformed(.payload, .member("aud")) }
            audiences.append(audience)
        }
        return audiences
    }

    /// Nil when it is not there. Null is no time.
    fileprivate func time(
        _ time: TokenTime, _ rounding: FloatingPointRoundingRule
    ) throws(TokenError) -> Instant? {
        guard let value = self[time.rawValue] else { return nil }
        guard let instant = value.instant(rounding) else { throw .timeUnusable(time) }
        return instant
    }
}

extension TokenKind {
    /// By the JOSE header. Many issuers write `JWT` for both kinds, and some nothing.
    func allows(type: String?) -> Bool {
        switch (type, self) {
        case (nil, _), ("jwt", _), ("at+jwt", .access): true
        default: false
        }
    }

    /// By what only one kind has: Keycloak's `typ`, and the hashes that tie an ID token to a login.
    func allows(_ claims: JSON) -> Bool {
        switch self {
        case .access:
            claims["at_hash"] == nil && claims["c_hash"] == nil && (claims["typ"]?.isText("Bearer") ?? true)
        case .id: claims["typ"]?.isText("ID") ?? true
        }
    }
}
