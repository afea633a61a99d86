// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// A key of HMAC-SHA256 (RFC 2104), made ready once for many messages: to find its algorithms costs OpenSSL as much as to
/// hash a short message.
package final class HMACKey: @unchecked Sendable {
    /// Has the key in it and no message. Only copied from the first on, which any thread may do: so the class is Sendable,
    /// though the compiler cannot see it.
    private let keyed: OpaquePointer

    package init(_ key: [UInt8]) {
        let hmac = EVP_MAC_fetch(nil, "HMAC", nil)
        defer { EVP_MAC_free(hmac) }
        guard let keyed = EVP_MAC_CTX_new(hmac), HMACKey.take(key, in: keyed) else {
            preconditionFailure("OpenSSL offers no HMAC-SHA256: its configuration switches it off, or memory is out")
        }
        self.keyed = keyed
    }

    deinit { EVP_MAC_CTX_free(keyed) }

    private static func take(_ key: [UInt8], in context: OpaquePointer) -> Bool {
        var hash = Array("SHA256".utf8CString)
        return hash.withUnsafeMutableBufferPointer { hash in
            let parameters = [
                OSSL_PARAM_construct_utf8_string(COPENSSL_MAC_DIGEST, hash.baseAddress, 0), OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, key, key.count, parameters) == 1
        }
    }

    /// 32 bytes that only who has the key can make of `message`.
    package func code(of message: [UInt8]) -> [UInt8] {
        guard let context = EVP_MAC_CTX_dup(keyed) else { preconditionFailure("memory is out") }
        defer { EVP_MAC_CTX_free(context) }
        return SHA256.made {
            EVP_MAC_update(context, message, message.count) == 1 && EVP_MAC_final(context, $0, nil, SHA256.length) == 1
        }
    }
}
