// SPDX-License-Identifier: Apache-2.0
import COpenSSL
package import Identity
package import JSONTree

/// A key that signs as an issuer would: for tests and the benchmark, where somebody has to make the tokens.
package final class ForgeKey: @unchecked Sendable {
    package enum Kind: Sendable, Hashable {
        case rsa(bits: Int)
        case curve(KeyKind.Curve)
        case ed25519, ed448
    }

    package let kind: Kind
    let key: OpaquePointer

    package init(_ kind: Kind) {
        self.kind = kind
        let type =
            switch kind {
            case .rsa: "RSA"
            case .curve: "EC"
            case .ed25519: "ED25519"
            case .ed448: "ED448"
            }
        let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        precondition(EVP_PKEY_keygen_init(context) == 1)
        switch kind {
        case .rsa(let bits): precondition(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1)
        case .curve(let curve): precondition(EVP_PKEY_CTX_set_group_name(context, curve.rawValue) == 1)
        case .ed25519, .ed448: break
        }
        precondition(EVP_PKEY_generate(context, &key) == 1)
        self.key = key!
    }

    deinit { EVP_PKEY_free(key) }

    // MARK: - As an issuer publishes it

    /// With `kid`, `use` and `alg` where given; without its private half.
    package func jwk(kid: String? = nil, alg: String? = nil, use: String? = "sig") -> JSON {
        var jwk = publicMembers
        if let kid { jwk["kid"] = JSON(kid) }
        if let alg { jwk["alg"] = JSON(alg) }
        if let use { jwk["use"] = JSON(use) }
        return JSON(jwk)
    }

    private var publicMembers: JSONObject {
        switch kind {
        case .rsa: ["kty": "RSA", "n": number(OSSL_PKEY_PARAM_RSA_N), "e": number(OSSL_PKEY_PARAM_RSA_E)]
        case .curve(let curve):
            [
                "kty": "EC", "crv": JSON(curve.rawValue),
                "x": number(OSSL_PKEY_PARAM_EC_PUB_X, width: curve.forgeWidth),
                "y": number(OSSL_PKEY_PARAM_EC_PUB_Y, width: curve.forgeWidth),
            ]
        case .ed25519: ["kty": "OKP", "crv": "Ed25519", "x": raw(32)]
        case .ed448: ["kty": "OKP", "crv": "Ed448", "x": raw(57)]
        }
    }

    /// One of the key's numbers in base64url; the private exponent is `d`.
    package func number(_ name: String, width: Int = 0) -> JSON {
        var number: OpaquePointer?
        precondition(EVP_PKEY_get_bn_param(key, name, &number) == 1)
        defer { BN_free(number) }
        let count = max(width, Int(BN_num_bits(number) + 7) / 8)
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count))
        return JSON(base64url(bytes))
    }

    private func raw(_ count: Int) -> JSON {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = count
        precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1)
        return JSON(base64url(bytes))
    }

    /// SubjectPublicKeyInfo as PEM, such as an attacker can have.
    package var publicPEM: [UInt8] {
        let memory = BIO_new(BIO_s_mem())
        defer { BIO_free(memory) }
        precondition(PEM_write_bio_PUBKEY(memory, key) == 1)
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return Array(bytes[..<Int(count)])
    }
}

extension KeyKind.Curve {
    var forgeWidth: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }
}
