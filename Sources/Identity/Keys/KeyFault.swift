// SPDX-License-Identifier: Apache-2.0

/// Why one key of a set is left out. The others of the set count all the same.
package enum KeyFault: Error, Sendable, Hashable, CustomStringConvertible {
    case notAnObject
    /// `kty` is none of RSA, EC and OKP.
    case unknownType
    case unknownCurve
    /// A secret that signs and verifies alike has no place among published keys.
    case symmetric
    /// It came with its private members, so that everybody can sign with it.
    case privateMembers
    /// It is there to encrypt for: `use`, `key_ops` or `alg` says so.
    case notForSignatures
    /// Its `alg` is not one that such a key can have, or none that Berth checks.
    case unknownAlgorithm
    /// A member is missing, of the wrong kind, or no base64url.
    case memberUnreadable(String)
    case rsaTooSmall(bits: Int)
    case rsaTooLarge(bits: Int)
    case rsaExponent
    /// `x` or `y` is not as long as the curve says (RFC 7518 section 6.2.1.2).
    case coordinateLength(String)
    case notOnCurve
    /// OpenSSL does not take it.
    case broken
    case keyIDUnusable
    /// An earlier key of the set has the same `kid` and type.
    case keyIDRepeated
    /// The set has more keys than are read.
    case tooMany

    package var description: String {
        switch self {
        case .notAnObject: "it is no object"
        case .unknownType: "its `kty` is none of RSA, EC and OKP"
        case .unknownCurve: "its `crv` is not one that Berth verifies with"
        case .symmetric: "it is a symmetric key, which must not be published"
        case .privateMembers: "it is published with its private members; whoever reads it can sign"
        case .notForSignatures: "it is for encryption"
        case .unknownAlgorithm: "its `alg` does not fit it, or is not one that Berth verifies"
        case .memberUnreadable(let name): "its `\(name)` is missing or cannot be read"
        case .rsaTooSmall(let bits): "it has \(bits) bits; RSA keys need 2048 or more"
        case .rsaTooLarge(let bits): "it has \(bits) bits; RSA keys above 16384 take too long to use"
        case .rsaExponent: "its public exponent is even, below 3 or above 2^32"
        case .coordinateLength(let name): "its `\(name)` is not as long as its curve says"
        case .notOnCurve: "its point is not on its curve"
        case .broken: "OpenSSL does not take it"
        case .keyIDUnusable: "its `kid` is no text of 1 to 256 bytes"
        case .keyIDRepeated: "an earlier key has the same `kid`"
        case .tooMany: "the set has more than \(KeySet.keysMost) keys"
        }
    }
}
