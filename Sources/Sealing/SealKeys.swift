// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// The keys of seals: HMAC-SHA256 (RFC 2104), written as 64 hexadecimal digits.
package struct SealKeys: Sendable {
    private let current: [UInt8]
    /// Still believed, while pods that it has sealed are on their way.
    private let previous: [UInt8]?

    /// - Parameters: at least `bytesLeast` bytes each.
    package init(_ current: [UInt8], previous: [UInt8]? = nil) {
        self.current = current
        self.previous = previous
    }

    /// Half the hash's length; shorter keys can be guessed sooner than the hash.
    package static let bytesLeast = 32

    package func seal(_ facts: SealedFacts) -> String { SealKeys.seal(facts.encoded, current) }

    /// Whether `seal` is what one of the keys makes of `facts`. Takes as long for a near miss as for any other.
    package func accept(_ seal: String, for facts: SealedFacts) -> Bool {
        let bytes = facts.encoded
        var isGood = false
        for key in [current] + (previous.map { [$0] } ?? []) {
            isGood = SealKeys.areSame(seal, SealKeys.seal(bytes, key)) || isGood
        }
        return isGood
    }

    private static func seal(_ bytes: [UInt8], _ key: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        let made = HMAC(EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, &digest, &count)
        precondition(made != nil && count == 32, "OpenSSL has lost SHA-256")
        let digits = Array("0123456789abcdef".utf8)
        let text = digest[..<32].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func areSame(_ given: String, _ wanted: String) -> Bool {
        let (given, wanted) = (Array(given.utf8), Array(wanted.utf8))
        return given.count == wanted.count && CRYPTO_memcmp(given, wanted, given.count) == 0
    }
}

/// Keys are never printed, whatever asks for a description of them or of what holds them.
extension SealKeys: CustomStringConvertible, CustomReflectable {
    package var description: String { "(keys of seals)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
