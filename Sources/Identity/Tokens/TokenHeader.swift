// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What Berth reads of a token's JOSE header (RFC 7515 section 4).
///
/// `jku`, `jwk`, `x5u` and `x5c` would have the token name the key that proves it; they are not read at all.
struct TokenHeader {
    let algorithm: SigningAlgorithm
    let keyID: KeyID?
    /// In lower case, without `application/` before it (RFC 7515 section 4.1.9).
    let type: String?

    init(_ bytes: [UInt8]) throws(TokenError) {
        let header = try JSON(tokenPart: bytes, .header)
        // An unknown demand must not be passed over (RFC 7515 section 4.1.11), and none is known here.
        guard header["crit"] == nil, header["b64"] == nil else { throw .criticalHeader }
        algorithm = try Self.algorithm(header["alg"])
        keyID = try Self.keyID(header["kid"])
        type = try Self.mediaType("typ", header["typ"])
        if try Self.mediaType("cty", header["cty"]) == "jwt" { throw .nested }
    }

    private static func algorithm(_ alg: JSON?) throws(TokenError) -> SigningAlgorithm {
        guard let name = alg?.string else { throw .malformed(.header, .member("alg")) }
        if name.lowercased() == "none" { throw .unsigned }
        guard let algorithm = SigningAlgorithm(named: name) else { throw .algorithmUnknown }
        return algorithm
    }

    private static func keyID(_ kid: JSON?) throws(TokenError) -> KeyID? {
        guard let kid else { return nil }
        guard let id = kid.string.flatMap({ KeyID($0) }) else { throw .malformed(.header, .member("kid")) }
        return id
    }

    private static func mediaType(_ name: String, _ value: JSON?) throws(TokenError) -> String? {
        guard let value else { return nil }
        guard let text = value.string, text.utf8.count <= 64 else { throw .malformed(.header, .member(name)) }
        let lower = text.lowercased()
        return lower.begins(with: "application/") ? String(lower.dropFirst("application/".count)) : lower
    }
}
