// SPDX-License-Identifier: Apache-2.0
package import JSONTree
package import SpawnModel

/// One issuer as a running Berth knows it: its terms, its keys, and the tokens that were proven lately.
package final class Issuer: Sendable {
    package let terms: IssuerTerms
    let keySets: KeySets
    let asking: any IssuerAsking
    let now: @Sendable () -> Instant
    let memory = TokenMemory()
    private let access: TokenVerifier
    private let id: TokenVerifier

    package init(_ terms: IssuerTerms, asking: any IssuerAsking, now: @escaping @Sendable () -> Instant) {
        self.terms = terms
        self.asking = asking
        self.now = now
        keySets = KeySets(issuer: terms.issuer, times: terms.keyTimes, asking: asking, now: now)
        access = TokenVerifier(terms.expectations(.access))
        id = TokenVerifier(terms.expectations(.id))
    }

    func verifier(_ kind: TokenKind) -> TokenVerifier {
        switch kind {
        case .access: access
        case .id: id
        }
    }

    /// What `token` says, where it was proven before and still counts; asks nobody.
    package func rememberedClaims(of token: String, as kind: TokenKind) -> JSON? {
        guard token.utf8.count <= CompactToken.bytesMost else { return nil }
        return memory.claims(of: TokenDigest(token), as: kind, edition: keySets.editionInUse, at: now())
    }

    /// What `token` says: proven by its signature, or told by the issuer, as the terms have it.
    ///
    /// - Throws: why nothing is known. A token that fails a check is never asked about: it would tell the issuer, and
    ///   whoever reads its log, a forgery's contents, and prove nothing.
    package func claims(of token: String, as kind: TokenKind) async throws(TokenRefusal) -> JSON {
        if let claims = rememberedClaims(of: token, as: kind) { return claims }
        var left: (reason: TokenError, proven: VerifiedToken?)?
        for way in terms.ways {
            switch way {
            case .verify:
                let outcome = try await proven(token, kind)
                switch outcome {
                case .whole(let claims): return claims
                case .left(let reason, let proven): left = (reason, proven)
                }
            case .introspect: return try await introspected(token, kind, left?.proven)
            case .userinfo: return try await userinfo(token, kind, left?.proven)
            }
        }
        throw .token(left?.reason ?? .opaque)
    }
}

// MARK: - By signature

extension Issuer {
    private enum Outcome {
        case whole(JSON)
        /// Another way may know more.
        case left(TokenError, VerifiedToken?)
    }

    private func proven(_ token: String, _ kind: TokenKind) async throws(TokenRefusal) -> Outcome {
        let compact: CompactToken
        do { compact = try CompactToken(token) } catch .opaque { return .left(.opaque, nil) } catch {
            throw .token(error)
        }
        let (verified, edition) = try await verified(compact, kind)
        switch verified.gap {
        case .user: return .left(.lightweight, verified)
        case .groups: return .left(.groupsElsewhere, verified)
        case .perhaps where terms.ways.last != .verify: return .left(.lightweight, verified)
        case .perhaps, nil:
            memory.keep(
                verified.claims, of: TokenDigest(token), as: kind, until: verified.expiry, edition: edition, now: now(),
                bytes: token.utf8.count)
            return .whole(verified.claims)
        }
    }

    /// By the keys at hand, and by newer ones where the token names a key that is not among them.
    private func verified(
        _ token: CompactToken, _ kind: TokenKind
    ) async throws(TokenRefusal) -> (VerifiedToken, edition: Int) {
        let verifier = verifier(kind)
        // Before anybody is asked for keys: a token that no key could prove costs no request.
        let header = try tokenFault { () throws(TokenError) in try verifier.accepted(token) }
        let edition = try await issuerFault { () async throws(IssuerError) in try await keySets.current() }
        do throws(TokenError) {
            return (try verifier.verify(token, keys: edition.keys, at: now()), edition.number)
        } catch {
            guard case .keyUnknown = error else { throw .token(error) }
        }
        let newer = try await issuerFault { () async throws(IssuerError) in
            try await keySets.newer(than: edition, naming: header.keyID)
        }
        guard let newer else { throw .token(.keyUnknown) }
        let verified = try tokenFault { () throws(TokenError) in
            try verifier.verify(token, keys: newer.keys, at: now())
        }
        return (verified, newer.number)
    }
}

func tokenFault<Result>(_ body: () throws(TokenError) -> Result) throws(TokenRefusal) -> Result {
    do { return try body() } catch { throw .token(error) }
}

func issuerFault<Result: Sendable>(
    _ body: () async throws(IssuerError) -> Result
) async throws(TokenRefusal) -> Result {
    do { return try await body() } catch { throw .issuer(error) }
}
