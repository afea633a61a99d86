// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import JSONTree

extension PublicKey {
    /// The key of a JWK's public members (RFC 7518 section 6, RFC 8037 section 2).
    convenience init(_ jwk: JSON) throws(KeyFault) {
        defer { ERR_clear_error() }
        switch jwk["kty"]?.string {
        case "RSA": try self.init(rsa: jwk)
        case "EC": try self.init(curve: jwk)
        case "OKP": try self.init(edwards: jwk)
        default: throw .unknownType
        }
    }

    private convenience init(rsa jwk: JSON) throws(KeyFault) {
        let modulus = try jwk.bytes("n").withoutLeadingZeros
        let exponent = try jwk.bytes("e").withoutLeadingZeros
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard bits >= 2048 else { throw .rsaTooSmall(bits: bits) }
        guard bits <= 16384 else { throw .rsaTooLarge(bits: bits) }
        guard exponent.count <= 4, let last = exponent.last, last & 1 == 1, exponent != [1] else {
            throw .rsaExponent
        }
        let parameters = KeyParameters()
        guard parameters.add(COPENSSL_RSA_MODULUS, number: modulus),
            parameters.add(COPENSSL_RSA_EXPONENT, number: exponent), let key = parameters.publicKey("RSA")
        else { throw .broken }
        self.init(key, kind: .rsa(bits: bits))
    }

    private convenience init(curve jwk: JSON) throws(KeyFault) {
        guard let curve = jwk["crv"]?.string.flatMap(KeyKind.Curve.init(rawValue:)) else { throw .unknownCurve }
        var point: [UInt8] = [0x04]
        for name in ["x", "y"] {
            let coordinate = try jwk.bytes(name)
            guard coordinate.count == curve.width else { throw .coordinateLength(name) }
            point += coordinate
        }
        let parameters = KeyParameters()
        guard parameters.add(COPENSSL_GROUP, text: curve.group),
            parameters.add(COPENSSL_POINT, octets: point)
        else { throw .broken }
        // OpenSSL takes no point beside the curve. On these curves every other point but the one that cannot be written
        // so has the right order, which need not be computed then.
        guard let key = parameters.publicKey("EC") else { throw .notOnCurve }
        self.init(key, kind: .curve(curve))
    }

    private convenience init(edwards jwk: JSON) throws(KeyFault) {
        let (kind, name, width): (KeyKind, String, Int)
        switch jwk["crv"]?.string {
        case "Ed25519": (kind, name, width) = (.ed25519, "ED25519", 32)
        case "Ed448": (kind, name, width) = (.ed448, "ED448", 57)
        default: throw .unknownCurve
        }
        let point = try jwk.bytes("x")
        guard point.count == width else { throw .coordinateLength("x") }
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, name, nil, point, point.count) else { throw .broken }
        self.init(key, kind: kind)
    }
}

extension KeyKind.Curve {
    /// As OpenSSL names it.
    fileprivate var group: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }
}

extension JSON {
    /// What a member says in base64url; never empty.
    fileprivate func bytes(_ name: String) throws(KeyFault) -> [UInt8] {
        guard let text = self[name]?.string, let bytes = Base64URL.decode(text), !bytes.isEmpty else {
            throw .memberUnreadable(name)
        }
        return bytes
    }
}

extension [UInt8] {
    /// Some providers write a number with a zero before it.
    fileprivate var withoutLeadingZeros: [UInt8] { Array(drop { $0 == 0 }) }
}
