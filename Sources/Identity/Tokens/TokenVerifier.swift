// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import SpawnModel

/// Proves tokens: a function of the token, the issuer's keys, what is expected and the time; nothing else.
package struct TokenVerifier: Sendable {
    package let expectations: TokenExpectations
    private let headers = HeaderMemory()

    package init(_ expectations: TokenExpectations) { self.expectations = expectations }

    /// - Throws: the first thing that is wrong. Of a token whose signature is not proven, no claim is looked at.
    package func verify(_ token: String, keys: KeySet, at now: Instant) throws(TokenError) -> VerifiedToken {
        try verify(CompactToken(token), keys: keys, at: now)
    }

    func verify(_ token: CompactToken, keys: KeySet, at now: Instant) throws(TokenError) -> VerifiedToken {
        let header = try accepted(token)
        let key = try keys.key(header.keyID, for: header.algorithm)
        guard try token.isSigned(by: header.algorithm, with: key.key) else { throw .signatureInvalid }

        let claims = try token.claims()
        let registered = RegisteredClaims(claims, issuer: expectations.issuer)
        try refuseLooseProfile(registered, header)
        return try checked(claims, registered, at: now)
    }

    /// The header, if a token that begins so can be taken at all.
    func accepted(_ token: CompactToken) throws(TokenError) -> TokenHeader {
        let header = try headers.header(of: token)
        guard expectations.algorithms.contains(header.algorithm) else { throw .algorithmRefused(header.algorithm) }
        guard expectations.kind.allows(type: header.type) else { throw .typeWrong(expected: expectations.kind) }
        return header
    }

    /// WLCG's profile 1.3: its tokens name their key, and an unknown major version is not to be guessed at.
    private func refuseLooseProfile(_ claims: RegisteredClaims, _ header: TokenHeader) throws(TokenError) {
        guard let version = claims.wlcgVersion else { return }
        guard version.string?.begins(with: "1.") == true else { throw .profileVersionUnknown }
        guard header.keyID != nil else { throw .keyIDMissing }
    }
}
