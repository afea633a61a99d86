// SPDX-License-Identifier: Apache-2.0
import COpenSSL
package import JSONTree

extension ForgeKey {
    /// A compact token over exactly this header and these claims.
    package func token(_ header: JSON, _ claims: JSON, by algorithm: String? = nil) -> String {
        token(header: header.bytes, payload: claims.bytes, by: algorithm ?? header["alg"]?.string ?? "")
    }

    /// The same over any bytes, signed by `algorithm` whatever the header says.
    package func token(header: [UInt8], payload: [UInt8], by algorithm: String) -> String {
        let text = base64url(header) + "." + base64url(payload)
        return text + "." + base64url(signature(of: Array(text.utf8), by: algorithm))
    }

    /// As a JWS carries it.
    ///
    /// - Parameter salt: the length of a PSS salt; nil is the hash's, which RFC 7518 section 3.5 wants.
    package func signature(of text: [UInt8], by algorithm: String, salt: Int32? = nil) -> [UInt8] {
        let hash = algorithm.hasSuffix("256") ? "SHA256" : algorithm.hasSuffix("384") ? "SHA384" : "SHA512"
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var inner: OpaquePointer?
        switch kind {
        case .ed25519, .ed448: precondition(EVP_DigestSignInit(context, nil, nil, nil, key) == 1)
        case .rsa, .curve: precondition(EVP_DigestSignInit_ex(context, &inner, hash, nil, nil, key, nil) == 1)
        }
        if algorithm.hasPrefix("PS") {
            precondition(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1)
            precondition(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, salt ?? RSA_PSS_SALTLEN_DIGEST) == 1)
        }
        var signature = [UInt8](repeating: 0, count: 4096)
        var count = signature.count
        precondition(EVP_DigestSign(context, &signature, &count, text, text.count) == 1)
        signature.removeLast(signature.count - count)
        guard case .curve(let curve) = kind else { return signature }
        return sideBySide(signature, width: curve.forgeWidth)
    }

    /// The two numbers of a DER sequence, each as wide as the curve.
    private func sideBySide(_ der: [UInt8], width: Int) -> [UInt8] {
        var rest = der[(der[1] == 0x81 ? 3 : 2)...]
        var numbers: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(rest[rest.startIndex + 1])
            let number = rest.dropFirst(2).prefix(count).drop { $0 == 0 }
            numbers += [UInt8](repeating: 0, count: width - number.count) + number
            rest = rest.dropFirst(2 + count)
        }
        return numbers
    }
}

/// HMAC with any bytes as its secret, for tokens that must not be taken.
package func hmacToken(_ header: JSON, _ claims: JSON, secret: [UInt8]) -> String {
    let text = base64url(header.bytes) + "." + base64url(claims.bytes)
    let key = EVP_PKEY_new_raw_private_key_ex(nil, "HMAC", nil, secret, secret.count)
    defer { EVP_PKEY_free(key) }
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var mac = [UInt8](repeating: 0, count: 64)
    var count = mac.count
    precondition(EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, key, nil) == 1)
    precondition(EVP_DigestSign(context, &mac, &count, Array(text.utf8), text.utf8.count) == 1)
    return text + "." + base64url(Array(mac[..<count]))
}

/// Base64url without padding.
package func base64url(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let word = group.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
        for place in 0...group.count { text.append(letters[word >> (18 - 6 * place) & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
}
