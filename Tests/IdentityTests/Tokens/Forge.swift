// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import TokenForge

/// One issuer with a key of each kind, made once: RSA keys take their time.
enum Forge {
    static let issuer = "https://idp.example.org/realms/lab"
    static let now = Instant(unixSeconds: 1_795_600_100)

    static let rsa = ForgeKey(.rsa(bits: 2048))
    static let otherRSA = ForgeKey(.rsa(bits: 2048))
    static let p256 = ForgeKey(.curve(.p256))
    static let p384 = ForgeKey(.curve(.p384))
    static let p521 = ForgeKey(.curve(.p521))
    static let ed25519 = ForgeKey(.ed25519)
    static let ed448 = ForgeKey(.ed448)

    static let header: JSON = ["alg": "RS256", "typ": "JWT", "kid": "rsa"]
    static let claims: JSON = [
        "iss": "https://idp.example.org/realms/lab", "sub": "f:1:ana", "aud": ["jupyterhub", "account"],
        "exp": 1_795_600_300, "iat": 1_795_600_000, "preferred_username": "ana", "typ": "Bearer",
    ]

    static let keySet = try! KeySet([
        "keys": [
            rsa.jwk(kid: "rsa"), p256.jwk(kid: "p256"), p384.jwk(kid: "p384"), p521.jwk(kid: "p521"),
            ed25519.jwk(kid: "ed25519"), ed448.jwk(kid: "ed448"),
        ]
    ])

    static func set(_ keys: JSON...) throws -> KeySet { try KeySet(["keys": JSON(keys)]) }

    static func expectations(
        _ kind: TokenKind = .access, audiences: [String] = ["jupyterhub"], clientID: String? = nil,
        algorithms: Set<SigningAlgorithm> = Set(SigningAlgorithm.all), needsGroups: Bool = false
    ) -> TokenExpectations {
        TokenExpectations(
            issuer: issuer, kind: kind, audiences: audiences, clientID: clientID, algorithms: algorithms,
            needsGroups: needsGroups)
    }

    /// The claims with some of them set, or with `.null` for "not there" left out by `without`.
    static func claims(_ changes: [(String, JSON)] = [], without: [String] = []) -> JSON {
        var claims = claims
        for (name, value) in changes { claims[name] = value }
        for name in without { claims[name] = nil }
        return claims
    }

    static func header(_ changes: [(String, JSON)], without: [String] = []) -> JSON {
        var header = header
        for (name, value) in changes { header[name] = value }
        for name in without { header[name] = nil }
        return header
    }

    /// What becomes of a token; nil when it is taken.
    static func fault(
        _ token: String, keys: KeySet = keySet, _ expectations: TokenExpectations = expectations()
    ) -> TokenError? {
        do {
            _ = try TokenVerifier(expectations).verify(token, keys: keys, at: now)
            return nil
        } catch { return error }
    }

    /// The same for a token of these claims, signed with the issuer's RSA key.
    static func fault(
        of claims: JSON, header: JSON = header, _ expectations: TokenExpectations = expectations()
    ) -> TokenError? {
        fault(rsa.token(header, claims), expectations)
    }
}
