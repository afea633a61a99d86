// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import SpawnModel

/// Proves tokens: a function of the token, the issuer's keys, what is expected and the time; nothing else.
package struct TokenVerifier: Sendable {
    package let expectations: TokenExpectations

    package init(_ expectations: TokenExpectations) { self.expectations = expectations }

    /// - Throws: the first thing that is wrong. Of a token whose signature is not proven, no claim is looked at.
    package func verify(_ token: String, keys: KeySet, at now: Instant) throws(TokenError) -> VerifiedToken {
        try verify(CompactToken(token), keys: keys, at: now)
    }

    func verify(_ token: CompactToken, keys: KeySet, at now: Instant) throws(TokenError) -> VerifiedToken {
        let header = token.header
        guard expectations.algorithms.contains(header.algorithm) else { throw .algorithmRefused(header.algorithm) }
        guard expectations.kind.allows(type: header.type) else { throw .typeWrong(expected: expectations.kind) }
        let key = try keys.key(header.keyID, for: header.algorithm)
        guard token.isSigned(with: key) else { throw .signatureInvalid }

        let claims = try token.claims()
        try refuseLooseProfile(claims, header)
        return try checked(claims, at: now)
    }

    /// WLCG's profile 1.3: its tokens name their key, and an unknown major version is not to be guessed at.
    private func refuseLooseProfile(_ claims: JSON, _ header: TokenHeader) throws(TokenError) {
        guard let version = claims["wlcg.ver"] else { return }
        guard version.string?.begins(with: "1.") == true else { throw .profileVersionUnknown }
        guard header.keyID != nil else { throw .keyIDMissing }
    }
}

extension CompactToken {
    fileprivate func isSigned(with key: VerificationKey) -> Bool {
        signature.withUnsafeBufferPointer { signature in
            withSignedText { key.key.verifies(signature, of: $0, by: header.algorithm) }
        }
    }
}
