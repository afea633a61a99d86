// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension TokenVerifier {
    /// What was proven, held against what is expected: whose, for whom, of which kind, and when.
    func checked(
        _ claims: JSON, _ registered: RegisteredClaims, at now: Instant
    ) throws(TokenError) -> VerifiedToken {
        guard registered.isFromIssuer == true else { throw .issuerWrong }
        guard expectations.kind.allows(registered) else { throw .typeWrong(expected: expectations.kind) }
        let gap = gap(in: registered)
        // A token that says nothing about its user does not say whom it is for either; whoever fills the gap does.
        if gap != .user || registered.audience != nil { try checkAudience(registered) }
        return VerifiedToken(claims: claims, expiry: try checkTimes(registered, at: now), gap: gap)
    }

    /// What the issuer itself has just said of a token: it may leave out what a token must say (RFC 7662 section 2.2),
    /// and what it does say counts as in a token.
    ///
    /// - Returns: when the token expires, where it was said.
    func checkTold(_ claims: JSON, at now: Instant) throws(TokenError) -> Instant? {
        let registered = RegisteredClaims(claims, issuer: expectations.issuer)
        guard registered.isFromIssuer ?? true else { throw .issuerWrong }
        guard expectations.kind.allows(registered) else { throw .typeWrong(expected: expectations.kind) }
        if registered.audience != nil { try checkAudience(registered) }
        switch gap(in: registered) {
        case .user: throw .lightweight
        case .groups: throw .groupsElsewhere
        case .perhaps, nil: return registered.expiry == nil ? nil : try checkTimes(registered, at: now)
        }
    }

    private func gap(in claims: RegisteredClaims) -> TokenGap? {
        if !claims.namesUser { return .user }
        if expectations.needsGroups, claims.hasGroupsElsewhere { return .groups }
        return claims.hasLightID ? .perhaps : nil
    }

    // MARK: - Whom it is for

    /// RFC 7519 section 4.1.3, OpenID Connect Core section 3.1.3.7.
    private func checkAudience(_ claims: RegisteredClaims) throws(TokenError) {
        let named = try count(of: claims.audience)
        guard expectations.kind == .id else { return }
        guard let party = claims.party else {
            if named > 1 { throw .partyWrong }
            return
        }
        guard let party = party.string, isUs(party) else { throw .partyWrong }
    }

    /// How many audiences a text or a list of texts names, of which one has to be ours.
    private func count(of audience: JSON?) throws(TokenError) -> Int {
        guard let audience else { throw .audienceWrong }
        let list = audience.array ?? [audience]
        var isForUs = false
        for one in list {
            guard let text = one.string else { throw .malformed(.payload, .member("aud")) }
            isForUs = isForUs || isOurs(text)
        }
        guard isForUs else { throw .audienceWrong }
        return list.count
    }

    private func isOurs(_ audience: String) -> Bool {
        expectations.audiences.contains { $0.isExactly(audience) }
    }

    private func isUs(_ party: String) -> Bool {
        expectations.clientID.map { $0.isExactly(party) } ?? isOurs(party)
    }

    // MARK: - When

    /// - Returns: when it expires.
    private func checkTimes(_ claims: RegisteredClaims, at now: Instant) throws(TokenError) -> Instant {
        guard let expiry = try claims.expiry?.instant(of: .expiry) else { throw .expiryMissing }
        guard now < expiry else { throw .expired(expiry) }
        let latest = now + expectations.skew
        if let start = try claims.notBefore?.instant(of: .notBefore), latest < start { throw .notYetValid(start) }
        if let issued = try claims.issued?.instant(of: .issued), latest < issued { throw .issuedInFuture(issued) }
        return expiry
    }
}

extension TokenKind {
    /// By the JOSE header. Many issuers write `JWT` for both kinds, and some nothing.
    func allows(type: TokenHeader.Kind) -> Bool {
        switch type {
        case .unsaid, .plain: true
        case .access: self == .access
        case .other: false
        }
    }

    /// By what only one kind has.
    func allows(_ claims: RegisteredClaims) -> Bool {
        switch self {
        case .access: !claims.hasHash && claims.type?.isText("Bearer") ?? true
        case .id: claims.type?.isText("ID") ?? true
        }
    }
}
