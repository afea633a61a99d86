// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// What OpenSSL needs at hand for one verification at a time, made ready for one key and algorithm.
///
/// Used by one thread at a time, and freed by whoever holds it last.
struct Workplace: @unchecked Sendable {
    private let hash: Hash?
    /// Nil for Edwards curves, which have no verification apart from their hash.
    private let verification: OpaquePointer?
    private let digest: OpaquePointer

    /// Nil when OpenSSL refuses, as for an algorithm that is not the key's.
    init?(_ key: OpaquePointer, for algorithm: SigningAlgorithm) {
        guard let digest = EVP_MD_CTX_new() else { return nil }
        self.digest = digest
        hash = algorithm.hash
        guard let hash else {
            verification = nil
            return
        }
        verification = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        guard let verification, Self.prepare(verification, algorithm.scheme, hash) else {
            free()
            return nil
        }
    }

    func free() {
        EVP_PKEY_CTX_free(verification)
        EVP_MD_CTX_free(digest)
    }

    private static func prepare(_ context: OpaquePointer, _ scheme: SigningAlgorithm.Scheme, _ hash: Hash) -> Bool {
        guard EVP_PKEY_verify_init(context) == 1, EVP_PKEY_CTX_set_signature_md(context, hash.method) == 1 else {
            return false
        }
        switch scheme {
        case .rsaPKCS1: return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        case .rsaPSS:
            // RFC 7518 section 3.5: the salt is as long as the hash, and the mask is made with the same hash.
            return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash.method) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
        case .ecdsa, .edwards: return true
        }
    }

    /// Whether `signature` is right for the hash of `text`.
    func verifies(_ signature: UnsafeBufferPointer<UInt8>, of text: UnsafeRawBufferPointer) -> Bool {
        guard let hash, let verification else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: hash.length) { digest in
            guard let start = digest.baseAddress, hash.digest(text, to: start, self.digest) else { return false }
            return EVP_PKEY_verify(verification, signature.baseAddress, signature.count, start, hash.length) == 1
        }
    }

    /// Whether `signature` is right for `text` itself, for Edwards curves.
    func verifiesWhole(
        _ signature: UnsafeBufferPointer<UInt8>, of text: UnsafeRawBufferPointer, _ key: OpaquePointer
    ) -> Bool {
        guard EVP_MD_CTX_reset(digest) == 1, EVP_DigestVerifyInit(digest, nil, nil, nil, key) == 1 else { return false }
        let text = text.bindMemory(to: UInt8.self)
        return EVP_DigestVerify(digest, signature.baseAddress, signature.count, text.baseAddress, text.count) == 1
    }
}
