// SPDX-License-Identifier: Apache-2.0
import JSONTree

/// What Berth reads of a token's JOSE header (RFC 7515 section 4).
///
/// `jku`, `jwk`, `x5u` and `x5c` would have the token name the key that proves it; they are not read at all.
struct TokenHeader: Sendable {
    let algorithm: SigningAlgorithm
    let keyID: KeyID?
    let type: Kind

    /// What `typ` says it is.
    enum Kind: Sendable {
        case unsaid
        /// `JWT`, which is what many issuers write for tokens of any kind.
        case plain
        /// `at+jwt` of RFC 9068.
        case access
        case other
    }

    init(_ token: CompactToken) throws(TokenError) {
        let header = Members(try token.headerObject())
        guard !header.isDemanding else { throw .criticalHeader }
        algorithm = try Self.algorithm(header.alg)
        keyID = try Self.keyID(header.kid)
        type = Kind(try Self.mediaType("typ", header.typ))
        if try Self.mediaType("cty", header.cty) == "jwt" { throw .nested }
    }

    private static func algorithm(_ alg: JSON?) throws(TokenError) -> SigningAlgorithm {
        guard let name = alg?.string else { throw .malformed(.header, .member("alg")) }
        if let algorithm = SigningAlgorithm(named: name) { return algorithm }
        throw name.lowercased() == "none" ? .unsigned : .algorithmUnknown
    }

    private static func keyID(_ kid: JSON?) throws(TokenError) -> KeyID? {
        guard let kid else { return nil }
        guard let id = kid.string.flatMap({ KeyID($0) }) else { throw .malformed(.header, .member("kid")) }
        return id
    }

    /// In lower case, without `application/` before it (RFC 7515 section 4.1.9).
    private static func mediaType(_ name: String, _ value: JSON?) throws(TokenError) -> String? {
        guard let value else { return nil }
        guard let text = value.string, text.utf8.count <= 64 else { throw .malformed(.header, .member(name)) }
        let lower = text.lowercased()
        return lower.begins(with: "application/") ? String(lower.dropFirst("application/".count)) : lower
    }

    /// The members that are read, found in one walk.
    private struct Members {
        var alg: JSON?
        var kid: JSON?
        var typ: JSON?
        var cty: JSON?
        /// An unknown demand must not be passed over (RFC 7515 section 4.1.11), and none is known here.
        var isDemanding = false

        init(_ header: JSON) {
            _ = header.allMembers { member in
                if member.isKey("alg") {
                    alg = member.value
                } else if member.isKey("kid") {
                    kid = member.value
                } else if member.isKey("typ") {
                    typ = member.value
                } else if member.isKey("cty") {
                    cty = member.value
                } else if member.isKey("crit") || member.isKey("b64") {
                    isDemanding = true
                }
                return true
            }
        }
    }
}

extension TokenHeader.Kind {
    fileprivate init(_ mediaType: String?) {
        switch mediaType {
        case nil: self = .unsaid
        case "jwt": self = .plain
        case "at+jwt": self = .access
        default: self = .other
        }
    }
}
