// SPDX-License-Identifier: Apache-2.0

/// A signature that Berth can check: RFC 7518 section 3.1 and RFC 8037 section 3.1.
///
/// Only those with a public key. Symmetric ones would let everybody who can read a provider's keys sign for it, and
/// `none` lets everybody sign; neither can be written here.
package enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// What an issuer may use where its configuration does not say: every one, since each key bears only its own.
    package static let all = allCases

    enum Scheme: Sendable {
        case rsaPKCS1, rsaPSS, ecdsa, edwards
    }

    var scheme: Scheme {
        switch self {
        case .rs256, .rs384, .rs512: .rsaPKCS1
        case .ps256, .ps384, .ps512: .rsaPSS
        case .es256, .es384, .es512: .ecdsa
        case .edDSA: .edwards
        }
    }

    /// What is signed is this hash of the text; an Edwards curve takes the text itself.
    var hash: Hash? {
        switch self {
        case .rs256, .ps256, .es256: .sha256
        case .rs384, .ps384, .es384: .sha384
        case .rs512, .ps512, .es512: .sha512
        case .edDSA: nil
        }
    }
}
