// SPDX-License-Identifier: Apache-2.0
package import JSONTree

/// One usable key of a set: a JWK (RFC 7517) that was read and found fit to verify signatures.
package struct VerificationKey: Sendable {
    package let id: KeyID?
    /// The only algorithm it is for, where it says so.
    package let algorithm: SigningAlgorithm?
    package let key: PublicKey

    /// - Throws: why the key is not to be used.
    package init(_ jwk: JSON) throws(KeyFault) {
        guard jwk.kind == .object else { throw .notAnObject }
        try Self.refuseSecrets(jwk)
        try Self.refuseOtherUses(jwk)
        id = try Self.id(jwk["kid"])
        key = try PublicKey(jwk)
        algorithm = try Self.algorithm(jwk["alg"], key.kind)
    }

    /// Whether it may have made a signature by `algorithm`.
    package func bears(_ algorithm: SigningAlgorithm) -> Bool {
        key.kind.bears(algorithm) && (self.algorithm ?? algorithm) == algorithm
    }

    private static func refuseSecrets(_ jwk: JSON) throws(KeyFault) {
        guard jwk["kty"]?.string != "oct", jwk["k"] == nil else { throw .symmetric }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] where jwk[name] != nil { throw .privateMembers }
    }

    /// RFC 7517 sections 4.2 and 4.3.
    private static func refuseOtherUses(_ jwk: JSON) throws(KeyFault) {
        if let use = jwk["use"], !use.isText("sig") { throw .notForSignatures }
        if let uses = jwk["key_ops"], uses.array?.contains(where: { $0.isText("verify") }) != true {
            throw .notForSignatures
        }
    }

    private static func id(_ kid: JSON?) throws(KeyFault) -> KeyID? {
        guard let kid else { return nil }
        guard let id = kid.string.flatMap({ KeyID($0) }) else { throw .keyIDUnusable }
        return id
    }

    private static func algorithm(_ alg: JSON?, _ kind: KeyKind) throws(KeyFault) -> SigningAlgorithm? {
        guard let alg else { return nil }
        guard let algorithm = alg.string.flatMap({ SigningAlgorithm(named: $0) }), kind.bears(algorithm) else {
            throw .unknownAlgorithm
        }
        return algorithm
    }
}

extension JSON {
    /// Whether this is exactly that text.
    func isText(_ wanted: String) -> Bool { string?.isExactly(wanted) ?? false }
}

extension SigningAlgorithm {
    /// By its exact name: `rs256` is none.
    init?(named name: String) { self.init(rawValue: name) }
}
