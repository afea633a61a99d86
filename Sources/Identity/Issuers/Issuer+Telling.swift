// SPDX-License-Identifier: Apache-2.0
import HTTPClient
import JSONTree
import SpawnModel

// What the issuer itself says of a token. Its answer is as good as a proof, since it came over a connection to the
// configured issuer; but it may change its mind, so it stands for a short time only.

extension Issuer {
    /// RFC 7662.
    func introspected(
        _ token: String, _ kind: TokenKind, _ proven: VerifiedToken?
    ) async throws(TokenRefusal) -> JSON {
        try tokenFault { () throws(TokenError) in try refuseUnaskable(token) }
        var claims = try await issuerFault { () async throws(IssuerError) in
            let url = try await keySets.endpoint(.introspection)
            let body = try await asking.body(of: introspection(of: token, at: url))
            return try told(body, by: .introspection)
        }
        guard let isActive = claims["active"]?.bool else {
            throw .issuer(.unusable(.introspection, reason: "`active` is neither true nor false"))
        }
        guard isActive else { throw .token(.inactive) }
        guard kind.allows(introspected: claims["token_type"]) else { throw .token(.typeWrong(expected: kind)) }
        claims["active"] = nil
        return try kept(claims, of: token, kind, proven)
    }

    /// OpenID Connect Core section 5.3.
    func userinfo(
        _ token: String, _ kind: TokenKind, _ proven: VerifiedToken?
    ) async throws(TokenRefusal) -> JSON {
        try tokenFault { () throws(TokenError) in try refuseUnaskable(token) }
        let answer = try await issuerFault { () async throws(IssuerError) in
            let url = try await keySets.endpoint(.userinfo)
            return try await asking.ask(
                IssuerQuestion(.userinfo, url, headers: [("Authorization", "Bearer \(token)")]))
        }
        // RFC 6750 section 3.1: the token is expired, revoked or malformed.
        if answer.status == 401 { throw .token(.inactive) }
        let claims = try await issuerFault { () async throws(IssuerError) in
            guard answer.status == 200 else { throw .status(.userinfo, answer.status) }
            return try told(answer.body, by: .userinfo)
        }
        return try kept(claims, of: token, kind, proven)
    }

    /// RFC 6750 section 2.1, and what HTTP servers take as a header.
    private func refuseUnaskable(_ token: String) throws(TokenError) {
        let isWhole = token.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._~+/=".utf8.contains(byte)
            }
        }
        guard isWhole, (1...16_384).contains(token.utf8.count) else { throw .unaskable }
    }

    private func told(_ body: [UInt8], by endpoint: IssuerEndpoint) throws(IssuerError) -> JSON {
        do { return try JSON(tokenPart: body, .payload) } catch {
            throw .unusable(endpoint, reason: "it is no JSON object that Berth takes")
        }
    }

    /// Checks what was told, joins it to what was proven, and keeps it for a while.
    private func kept(
        _ told: JSON, of token: String, _ kind: TokenKind, _ proven: VerifiedToken?
    ) throws(TokenRefusal) -> JSON {
        let at = now()
        let expiry = try tokenFault { () throws(TokenError) in
            try refuseOtherUser(told, than: proven)
            // The token left them out; an answer that does not have them either leaves them out again.
            if proven?.gap == .groups, told["groups"] == nil { throw .groupsElsewhere }
            return try verifier(kind).checkTold(told, at: at)
        }
        let claims = joined(told, proven)
        let known = [expiry, proven?.expiry, at + terms.answersKept].compactMap { $0 }
        memory.keep(
            claims, of: TokenDigest(token), as: kind, until: known.min() ?? at, edition: nil, now: at,
            bytes: token.utf8.count + claims.bytes.count)
        return claims
    }

    /// OpenID Connect Core section 5.3.2: an answer for another user must not be used.
    private func refuseOtherUser(_ told: JSON, than proven: VerifiedToken?) throws(TokenError) {
        guard let user = proven?.claims["sub"]?.string, let other = told["sub"]?.string else { return }
        guard user.isExactly(other) else { throw .subjectDiffers }
    }

    /// What was told counts where both say something, but for what the signature has proven of the token itself.
    private func joined(_ told: JSON, _ proven: VerifiedToken?) -> JSON {
        var claims = proven?.claims ?? .emptyObject
        claims["_claim_names"] = nil
        claims["_claim_sources"] = nil
        claims["hasgroups"] = nil
        let settled = proven == nil ? [] : ["iss", "aud", "azp", "exp", "iat", "nbf", "jti"]
        for (name, value) in told.object ?? JSONObject() where !(settled.contains(name) && claims[name] != nil) {
            claims[name] = value
        }
        claims["iss"] = JSON(terms.issuer)
        return claims
    }
}

// MARK: - Asking

extension Issuer {
    private func introspection(of token: String, at url: String) throws(IssuerError) -> IssuerQuestion {
        guard let client = terms.client else { throw .endpointMissing(.introspection) }
        return IssuerQuestion(
            .introspection, url, form: [("token", token), ("token_type_hint", "access_token")], by: client)
    }
}

extension IssuerQuestion {
    /// A form by which `client` shows who it is (RFC 6749 section 2.3.1).
    init(_ endpoint: IssuerEndpoint, _ url: String, form: [(String, String)], by client: ClientCredentials) {
        var form = form
        var headers = [(name: "Content-Type", value: "application/x-www-form-urlencoded")]
        switch client.method {
        case .basic:
            let pair = client.id.percentEncoded + ":" + (client.secret?.text ?? "").percentEncoded
            headers.append((name: "Authorization", value: "Basic \(Base64.text(Array(pair.utf8)))"))
        case .post:
            form.append(("client_id", client.id))
            if let secret = client.secret { form.append(("client_secret", secret.text)) }
        }
        self.init(endpoint, url, headers: headers, form: FormEncoding.form(form))
    }
}

extension TokenKind {
    /// RFC 7662 section 2.2 has the types of RFC 6749 here, which name no ID token; some issuers answer about refresh
    /// tokens too.
    fileprivate func allows(introspected type: JSON?) -> Bool {
        guard let type else { return true }
        return ["bearer", "access_token"].contains(type.string?.lowercased()) && self == .access
    }
}
