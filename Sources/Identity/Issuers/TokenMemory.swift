// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Workers

/// Claims of tokens that were proven or told lately, by the tokens' digests: the tokens themselves are not kept.
///
/// Only proven tokens get in, so nobody can push others out without having as many of their own.
final class TokenMemory: Sendable {
    private struct Proven: Sendable {
        let claims: JSON
        let kind: TokenKind
        /// The keys that proved it, by number of their edition; others prove it anew.
        let edition: Int?
    }

    /// Weighed in bytes.
    private let memory = AnswerMemory<TokenDigest, Proven>(most: 4096, weightMost: 32 << 20)

    /// - Parameter edition: the keys that count now; nil where there are none, which leaves only what issuers told.
    func claims(of digest: TokenDigest, as kind: TokenKind, edition: Int?, at now: Instant) -> JSON? {
        guard let proven = memory.answer(for: digest, at: now), proven.kind == kind,
            proven.edition.map({ $0 == edition }) ?? true
        else { return nil }
        return proven.claims
    }

    func keep(
        _ claims: JSON, of digest: TokenDigest, as kind: TokenKind, until expiry: Instant, edition: Int?, now: Instant,
        bytes: Int
    ) {
        let proven = Proven(claims: claims, kind: kind, edition: edition)
        memory.keep(proven, for: digest, until: expiry, now: now, weight: bytes)
    }
}
