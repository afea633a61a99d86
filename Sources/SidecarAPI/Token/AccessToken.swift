// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel

/// An access token that can be written to a file and sent in a header.
struct AccessToken: Sendable {
    let text: String
    let expiry: Instant
    /// Nil for a token that is no JWT, or names none.
    let audiences: [String]?

    /// How long a token counts of which nobody says it.
    static let lifetimeUnsaid = Duration.seconds(60)
    private static let bytesMost = 64 * 1024

    /// - Parameter lifetime: as the answer says it; what the token says of itself comes before it.
    /// - Returns: nil where it is no b64token (RFC 6750 section 2.1) of at most 64 KiB.
    init?(_ text: String, lifetime: Duration?, at now: Instant) {
        guard text.utf8.count <= Self.bytesMost, Self.isB64Token(text) else { return nil }
        let claims = Self.claims(of: text)
        self.text = text
        self.expiry =
            claims?["exp"]?.int.map { Instant(unixSeconds: Int64($0)) } ?? now + (lifetime ?? Self.lifetimeUnsaid)
        self.audiences = claims?["aud"].flatMap { $0.string.map { [$0] } ?? $0.array?.compactMap(\.string) }
    }

    private static func isB64Token(_ text: String) -> Bool {
        let letters = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.utf8.dropFirst(letters.count)
        return !letters.isEmpty && padding.allSatisfy { $0 == UInt8(ascii: "=") }
            && letters.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }

    /// Of a JWT, unproven: it came from whoever made it.
    private static func claims(of text: String) -> JSON? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(String(parts[1])) else { return nil }
        return try? JSON(parsing: payload)
    }
}
