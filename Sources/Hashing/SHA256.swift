// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// SHA-256: names that tell nothing, and names that fit where the real one does not.
package enum SHA256 {
    static let length = 32

    /// Lower-case hex of the first `count` bytes of the text's hash.
    package static func hex(_ text: String, bytes count: Int = 8) -> String {
        let message = Array(text.utf8)
        let hash = made { EVP_Digest(message, message.count, $0, nil, EVP_sha256(), nil) == 1 }
        return hex(Array(hash.prefix(count)))
    }

    package static func hex(_ bytes: [UInt8]) -> String {
        let digits: StaticString = "0123456789abcdef"
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for place in bytes.indices {
                text[2 * place] = digits.utf8Start[Int(bytes[place] >> 4)]
                text[2 * place + 1] = digits.utf8Start[Int(bytes[place] & 15)]
            }
            return 2 * bytes.count
        }
    }

    /// Takes as long for a near miss as for any other text of that length.
    package static func areSame(_ given: String, _ wanted: String) -> Bool {
        let (given, wanted) = (Array(given.utf8), Array(wanted.utf8))
        return given.count == wanted.count && CRYPTO_memcmp(given, wanted, given.count) == 0
    }

    static func made(_ write: (UnsafeMutablePointer<UInt8>?) -> Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { room, count in
            precondition(write(room.baseAddress), "OpenSSL cannot hash, which it does only when memory is out")
            count = length
        }
    }
}
