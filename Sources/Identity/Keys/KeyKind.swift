// SPDX-License-Identifier: Apache-2.0

/// What a public key is made of: `kty` and `crv` of RFC 7518 section 6 and RFC 8037 section 2.
package enum KeyKind: Sendable, Hashable {
    case rsa(bits: Int)
    case curve(Curve)
    case ed25519
    case ed448

    package enum Curve: String, Sendable, Hashable, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// Bytes of a coordinate, and of each half of a signature.
        var width: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// Whether a key of this kind can have made such a signature. A hash belongs to one curve only (RFC 7518
    /// section 3.4): another would be a weaker signature than the key promises.
    func bears(_ algorithm: SigningAlgorithm) -> Bool {
        switch self {
        case .rsa: algorithm.scheme == .rsaPKCS1 || algorithm.scheme == .rsaPSS
        case .curve(.p256): algorithm == .es256
        case .curve(.p384): algorithm == .es384
        case .curve(.p521): algorithm == .es512
        case .ed25519, .ed448: algorithm == .edDSA
        }
    }
}
