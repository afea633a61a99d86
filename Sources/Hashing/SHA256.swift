// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// SHA-256 and its HMAC: names that tell nothing, and names that fit where the real one does not.
package enum SHA256 {
    private static let length = 32

    /// Lower-case hex of the first `count` bytes of the text's hash.
    package static func hex(_ text: String, bytes count: Int = 8) -> String {
        let message = Array(text.utf8)
        return hex(made { EVP_Digest(message, message.count, $0, nil, EVP_sha256(), nil) == 1 }.prefix(count))
    }

    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// RFC 2104.
    package static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        made { HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, $0, nil) != nil }
    }

    /// Takes as long for a near miss as for any other text of that length.
    package static func areSame(_ given: String, _ wanted: String) -> Bool {
        let (given, wanted) = (Array(given.utf8), Array(wanted.utf8))
        return given.count == wanted.count && CRYPTO_memcmp(given, wanted, given.count) == 0
    }

    private static func made(_ write: (UnsafeMutablePointer<UInt8>?) -> Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { room, count in
            precondition(write(room.baseAddress), "OpenSSL cannot hash, which it does only when memory is out")
            count = length
        }
    }
}
