// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// SHA-256 of a token as it was sent, header, claims and signature: no two tokens share one, and it gives none away.
struct TokenDigest: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    init(_ token: String) {
        var words = SIMD4<UInt64>()
        let isMade = withUnsafeMutableBytes(of: &words) { room in
            var token = token
            return token.withUTF8 { text in
                EVP_Digest(
                    text.baseAddress, text.count, room.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                    Hash.sha256.method, nil) == 1
            }
        }
        precondition(isMade, "OpenSSL cannot hash, which it does only when memory is out")
        self.words = words
    }
}
