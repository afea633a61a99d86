// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Why a token proves nothing. Each case has a code that is never renamed, and a sentence without a byte of the token.
package enum TokenError: Error, Sendable, Hashable {
    // It cannot be read.
    case tooLarge(bytes: Int)
    /// No signed token: only its issuer can say what it stands for.
    case opaque
    /// RFC 7516: five parts instead of three.
    case encrypted
    case malformed(Part, Flaw)
    /// The payload is a token again.
    case nested

    // Its header asks for something else than a signature by a pinned algorithm.
    case unsigned
    case algorithmUnknown
    /// One that Berth knows, and that this issuer is not configured to use.
    case algorithmRefused(SigningAlgorithm)
    case criticalHeader
    case typeWrong(expected: TokenKind)

    // No key proves it.
    case keyIDMissing
    case keyUnknown
    /// The key of that id is not one for this algorithm.
    case keyUnfit(SigningAlgorithm)
    case signatureInvalid

    // It is proven, and not for us or not now.
    case issuerWrong
    case audienceWrong
    case partyWrong
    case expiryMissing
    case timeUnusable(TokenTime)
    case expired(Instant)
    case notYetValid(Instant)
    case issuedInFuture(Instant)
    case profileVersionUnknown

    // Its issuer was asked.
    /// The issuer says that it does not count, or no longer.
    case inactive
    /// The user that the issuer names is not the one of the token.
    case subjectDiffers
    /// It has letters that no HTTP header can carry, or too many, so that nobody can be asked about it.
    case unaskable

    // It is proven, and says too little.
    /// Nothing about its user, as Keycloak's lightweight access tokens.
    case lightweight
    /// The groups are too many for a token, as Entra ID's overage.
    case groupsElsewhere

    package enum Part: String, Sendable, Hashable {
        case header, payload, signature
    }

    package enum Flaw: Sendable, Hashable {
        case notBase64URL
        /// Not JSON as Berth takes it: equal keys and trailing bytes are refused too. `offset` counts decoded bytes.
        case notJSON(offset: Int)
        case tooDeep
        case notAnObject
        /// A text with a NUL in it, which programs in C would cut short.
        case holdsNUL
        /// The named member has the wrong kind or length.
        case member(String)
        case empty
    }
}

/// The times of a token (RFC 7519 section 4.1).
package enum TokenTime: String, Sendable, Hashable {
    case expiry = "exp"
    case notBefore = "nbf"
    case issued = "iat"
}

extension TokenError {
    package var code: String {
        switch self {
        case .tooLarge: "token-too-large"
        case .opaque: "token-opaque"
        case .encrypted: "token-encrypted"
        case .malformed: "token-malformed"
        case .nested: "token-nested"
        case .unsigned: "token-unsigned"
        case .algorithmUnknown: "token-algorithm-unknown"
        case .algorithmRefused: "token-algorithm-refused"
        case .criticalHeader: "token-critical-header"
        case .typeWrong: "token-type-wrong"
        case .keyIDMissing: "token-key-id-missing"
        case .keyUnknown: "token-key-unknown"
        case .keyUnfit: "token-key-unfit"
        case .signatureInvalid: "token-signature-invalid"
        case .issuerWrong: "token-issuer-wrong"
        case .audienceWrong: "token-audience-wrong"
        case .partyWrong: "token-party-wrong"
        case .expiryMissing: "token-expiry-missing"
        case .timeUnusable: "token-time-unusable"
        case .expired: "token-expired"
        case .notYetValid: "token-not-yet-valid"
        case .issuedInFuture: "token-issued-in-future"
        case .profileVersionUnknown: "token-profile-version-unknown"
        case .inactive: "token-inactive"
        case .subjectDiffers: "token-subject-differs"
        case .unaskable: "token-unaskable"
        case .lightweight: "token-lightweight"
        case .groupsElsewhere: "token-groups-elsewhere"
        }
    }
}

extension TokenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let bytes): "the token has \(bytes) bytes; at most \(CompactToken.bytesMost) are read"
        case .opaque: "the token is opaque: only its issuer can say what it stands for"
        case .encrypted: "the token is encrypted, which Berth does not read: have the issuer sign it only"
        case .malformed(let part, let flaw): "the token's \(part.rawValue) \(flaw)"
        case .nested: "the token holds another token, which Berth does not read"
        case .unsigned: "the token is not signed"
        case .algorithmUnknown: "the token is signed in a way that Berth does not accept"
        case .algorithmRefused(let algorithm):
            "the token is signed by \(algorithm.rawValue), which is not among the issuer's `algorithms`"
        case .criticalHeader: "the token's header demands (`crit`, `b64`) what Berth does not do"
        case .typeWrong(let kind): "the token is no \(kind.words)"
        case .keyIDMissing: "the token does not say which of the issuer's keys signed it"
        case .keyUnknown: "the token was signed with a key that the issuer does not publish"
        case .keyUnfit(let algorithm): "the key that the token names is not one for \(algorithm.rawValue)"
        case .signatureInvalid: "the token's signature is wrong"
        case .issuerWrong: "the token is from another issuer"
        case .audienceWrong: "the token was issued for another audience: compare its `aud` with `audiences`"
        case .partyWrong: "the token was issued to another client: compare its `azp` with `client_id`"
        case .expiryMissing: "the token does not say when it expires"
        case .timeUnusable(let time): "the token's `\(time.rawValue)` is no time"
        case .expired(let at): "the token expired at \(at)"
        case .notYetValid(let from): "the token is valid from \(from) on"
        case .issuedInFuture(let at): "the token says it is issued at \(at), which is in the future: compare the clocks"
        case .profileVersionUnknown: "the token follows a version of the WLCG profile that Berth does not know"
        case .inactive: "the token does not count any more, says its issuer"
        case .subjectDiffers: "the token's issuer names another user than the token"
        case .unaskable: "the token has letters that tokens do not have, or too many to ask about it"
        case .lightweight:
            "the token says nothing about its user (Keycloak's lightweight access tokens do so): "
                + "add `introspect` to the issuer's `tokens`, or have the issuer put the claims in"
        case .groupsElsewhere:
            "the user has more groups than the token can carry, so it carries none: "
                + "have the issuer send roles, or only the groups of this application"
        }
    }
}

extension TokenError.Flaw: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notBase64URL: "is not base64url without padding"
        case .notJSON(let offset): "is not acceptable JSON at its byte \(offset)"
        case .tooDeep: "is nested too deep"
        case .notAnObject: "is no JSON object"
        case .holdsNUL: "holds a NUL character"
        case .member(let name): "has an unusable `\(name)`"
        case .empty: "is empty"
        }
    }
}
