// SPDX-License-Identifier: Apache-2.0

/// Why a sidecar's token is not taken. None of them holds anything of the token.
package enum SidecarTokenError: Error, Hashable, CustomStringConvertible {
    /// It is no JSON Web Token with our claims, or longer than any of ours.
    case malformed
    /// Signed by another key, or by another algorithm.
    case notOurs
    /// A credential where a sidecar token is asked for, or the other way round.
    case otherUse
    case expired

    package var description: String {
        switch self {
        case .malformed: "the token is not one of Berth's"
        case .notOurs: "the token is signed by another key: was `seal.key_file` changed?"
        case .otherUse: "the token is for another route: a credential is good for `/v1/sidecar/session` alone"
        case .expired: "the token has expired: `/v1/sidecar/session` gives another"
        }
    }
}
