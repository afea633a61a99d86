// SPDX-License-Identifier: Apache-2.0
internal import Hashing

/// The keys of seals: HMAC-SHA256 (RFC 2104), written as 64 hexadecimal digits.
package struct SealKeys: Sendable {
    private let current: HMACKey
    /// Still believed, while pods that it has sealed are on their way.
    private let previous: HMACKey?

    /// - Parameters: at least `bytesLeast` bytes each.
    package init(_ current: [UInt8], previous: [UInt8]? = nil) {
        self.current = HMACKey(current)
        self.previous = previous.map(HMACKey.init)
    }

    /// Half the hash's length; shorter keys can be guessed sooner than the hash.
    package static let bytesLeast = 32

    package func seal(_ facts: some Sealable) -> String { SealKeys.seal(facts.encoded, current) }

    /// Whether `seal` is what one of the keys makes of `facts`. Takes as long for a near miss as for any other.
    package func accept(_ seal: String, for facts: some Sealable) -> Bool {
        let bytes = facts.encoded
        var isGood = false
        for key in [current] + (previous.map { [$0] } ?? []) {
            isGood = SHA256.areSame(seal, SealKeys.seal(bytes, key)) || isGood
        }
        return isGood
    }

    /// Keys for another purpose, by which nobody who has them can tell these: the current one's first.
    package func derived(for purpose: String) -> [[UInt8]] {
        let message = [UInt8].lengthsAnd(["berth.io/derived-key 1", purpose])
        return ([current] + (previous.map { [$0] } ?? [])).map { $0.code(of: message) }
    }

    private static func seal(_ bytes: [UInt8], _ key: HMACKey) -> String { SHA256.hex(key.code(of: bytes)) }
}

/// Keys are never printed, whatever asks for a description of them or of what holds them.
extension SealKeys: CustomStringConvertible, CustomReflectable {
    package var description: String { "(keys of seals)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
