// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// One key that verifies, built once and shared by all threads.
///
/// OpenSSL's key is never changed after it was built. What changes during a verification is a `Workplace`, of which
/// the key keeps a few: making one costs a fifth of an RSA verification.
package final class PublicKey: @unchecked Sendable {
    package let kind: KeyKind
    private let key: OpaquePointer
    private let workplaces = WorkplacePool()

    /// Takes `key` over.
    init(_ key: OpaquePointer, kind: KeyKind) {
        self.key = key
        self.kind = kind
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature`, as a JWS carries it, is this key's for `text`. False as well where the key is not one for
    /// `algorithm`, and where OpenSSL fails: whatever the reason, nothing was proven.
    package func verifies(
        _ signature: UnsafeBufferPointer<UInt8>, of text: UnsafeRawBufferPointer, by algorithm: SigningAlgorithm
    ) -> Bool {
        guard kind.bears(algorithm) else { return false }
        guard let place = workplaces.take(algorithm) ?? Workplace(key, for: algorithm) else { return false }
        guard isProven(signature, of: text, by: algorithm, at: place) else {
            // Whatever a failure has left in it goes with it; its words in the thread's queue too.
            place.free()
            ERR_clear_error()
            return false
        }
        workplaces.giveBack(place, algorithm)
        return true
    }

    private func isProven(
        _ signature: UnsafeBufferPointer<UInt8>, of text: UnsafeRawBufferPointer, by algorithm: SigningAlgorithm,
        at place: Workplace
    ) -> Bool {
        switch kind {
        case .rsa: place.verifies(signature, of: text)
        case .curve(let curve):
            ECDSASignature.withDER(of: signature, width: curve.width) { place.verifies($0, of: text) } ?? false
        case .ed25519, .ed448: place.verifiesWhole(signature, of: text, key)
        }
    }
}
