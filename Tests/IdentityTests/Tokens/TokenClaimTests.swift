// SPDX-License-Identifier: Apache-2.0
import Foundation
import Identity
import JSONTree
import SpawnModel
import Testing
import TokenForge

/// What a proven token has to say to count here and now.
struct TokenClaimTests {
    // MARK: - Issuer and audience

    @Test(arguments: [
        "https://idp.example.org/realms/lab/", "https://idp.example.org/realms/test",
        "https://idp.example.org/realms/LAB",
        "https://IDP.example.org/realms/lab", "http://idp.example.org/realms/lab", "",
        " https://idp.example.org/realms/lab",
    ])
    func `an issuer counts by its exact text`(issuer: String) {
        #expect(Forge.fault(of: Forge.claims([("iss", JSON(issuer))])) == .issuerWrong)
    }

    @Test func `an issuer that is missing or no text is wrong`() {
        #expect(Forge.fault(of: Forge.claims(without: ["iss"])) == .issuerWrong)
        #expect(Forge.fault(of: Forge.claims([("iss", ["https://idp.example.org/realms/lab"])])) == .issuerWrong)
    }

    @Test func `one of the audiences has to be ours, as a text or in a list`() {
        let fits: [JSON] = ["jupyterhub", ["jupyterhub"], ["account", "jupyterhub"]]
        for audience in fits { #expect(Forge.fault(of: Forge.claims([("aud", audience)])) == nil) }
        let others: [JSON] = [
            "account", ["account"], [], "", "JupyterHub", "jupyterhub/", "jupyterhub ", "jupyter", "jupyterhub2",
        ]
        for audience in others {
            #expect(Forge.fault(of: Forge.claims([("aud", audience)])) == .audienceWrong)
        }
        #expect(Forge.fault(of: Forge.claims(without: ["aud"])) == .audienceWrong)
    }

    @Test func `an audience that is no text is malformed, also beside one that fits`() {
        for audience in [7, nil, [:], ["jupyterhub", 7], [["jupyterhub"]]] as [JSON] {
            #expect(Forge.fault(of: Forge.claims([("aud", audience)])) == .malformed(.payload, .member("aud")))
        }
    }

    @Test func `WLCG's audience for anybody counts where it was opted in to`() {
        let any = "https://wlcg.cern.ch/jwt/v1/any"
        let claims = Forge.claims([("aud", JSON(any))])
        #expect(Forge.fault(of: claims) == .audienceWrong)
        #expect(Forge.fault(of: claims, Forge.expectations(audiences: ["jupyterhub", any])) == nil)
    }

    // MARK: - The kind of token

    private let idClaims = Forge.claims([("typ", "ID"), ("aud", "jupyterhub"), ("nonce", "n")])

    @Test func `an ID token with several audiences has to name its party`() {
        let several = ("aud", ["jupyterhub", "other"] as JSON)
        func fault(_ changes: [(String, JSON)], clientID: String? = nil) -> TokenError? {
            Forge.fault(
                of: Forge.claims(changes + [("typ", "ID")]),
                Forge.expectations(.id, audiences: ["jupyterhub", "https://hub.example.org"], clientID: clientID))
        }
        #expect(fault([several]) == .partyWrong)
        #expect(fault([several, ("azp", "jupyterhub")]) == nil)
        #expect(fault([several, ("azp", "other")]) == .partyWrong)
        #expect(fault([several, ("azp", ["jupyterhub"])]) == .partyWrong)
        #expect(fault([("aud", "jupyterhub")]) == nil)
        #expect(fault([("aud", "jupyterhub"), ("azp", "other")]) == .partyWrong)
        #expect(fault([several, ("azp", "https://hub.example.org")], clientID: "jupyterhub") == .partyWrong)
    }

    @Test func `an access token may be for several audiences and issued to another client`() {
        #expect(Forge.fault(of: Forge.claims([("azp", "portal")])) == nil)
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt", "application/jwt"])
    func `an access token may have any of these types`(type: String) {
        #expect(Forge.fault(of: Forge.claims, header: Forge.header([("typ", JSON(type))])) == nil)
        #expect(Forge.fault(of: Forge.claims, header: Forge.header([], without: ["typ"])) == nil)
    }

    @Test(arguments: ["logout+jwt", "dpop+jwt", "id+jwt", "JWS", "", "application/", "text/at+jwt", "secevent+jwt"])
    func `other types are neither access nor ID tokens`(type: String) {
        for kind in TokenKind.allCases {
            let token = Forge.rsa.token(Forge.header([("typ", JSON(type))]), Forge.claims)
            #expect(Forge.fault(token, Forge.expectations(kind)) == .typeWrong(expected: kind))
        }
    }

    @Test func `an access token is not taken for an ID token`() {
        let expected = Forge.expectations(.id)
        #expect(Forge.fault(of: idClaims, expected) == nil)
        #expect(
            Forge.fault(of: idClaims, header: Forge.header([("typ", "at+jwt")]), expected) == .typeWrong(expected: .id))
        #expect(Forge.fault(of: Forge.claims, expected) == .typeWrong(expected: .id))
    }

    @Test func `an ID token is not taken for an access token`() {
        #expect(Forge.fault(of: idClaims) == .typeWrong(expected: .access))
        for hash in ["at_hash", "c_hash"] {
            #expect(Forge.fault(of: Forge.claims([(hash, "AAAA")], without: ["typ"])) == .typeWrong(expected: .access))
        }
    }

    @Test(arguments: ["Refresh", "Offline", "Logout", "bearer", "DPoP", ""])
    func `Keycloak's other kinds of token are refused by their typ`(type: String) {
        #expect(Forge.fault(of: Forge.claims([("typ", JSON(type))])) == .typeWrong(expected: .access))
    }

    // MARK: - Times

    private let now = Forge.now.unixMilliseconds / 1000

    private func fault(_ name: String, _ spelling: String) -> TokenError? {
        Forge.fault(of: Forge.claims([(name, JSON(numberSpelling: spelling)!)]))
    }

    @Test func `a token counts up to its last second, and no longer`() {
        #expect(fault("exp", "\(now + 1)") == nil)
        #expect(fault("exp", "\(now)") == .expired(Forge.now))
        #expect(fault("exp", "\(now - 1)") == .expired(Instant(unixSeconds: now - 1)))
        #expect(fault("exp", "0") == .expired(Instant(unixSeconds: 0)))
        #expect(Forge.fault(of: Forge.claims(without: ["exp"])) == .expiryMissing)
    }

    @Test func `clocks may differ by a minute at the other end`() {
        for (name, error) in [
            ("nbf", TokenError.notYetValid(Instant(unixSeconds: now + 61))),
            ("iat", .issuedInFuture(Instant(unixSeconds: now + 61))),
        ] {
            #expect(fault(name, "\(now + 60)") == nil)
            #expect(fault(name, "\(now + 61)") == error)
            #expect(Forge.fault(of: Forge.claims(without: [name])) == nil)
        }
    }

    @Test func `times may have a fraction or an exponent`() {
        #expect(fault("exp", "\(now).5") == nil)
        #expect(fault("exp", "\(now).0004") == .expired(Forge.now), "less than a millisecond is nothing")
        #expect(fault("exp", "\(now - 1).9") == .expired(Instant(unixMilliseconds: (now - 1) * 1000 + 900)))
        #expect(fault("nbf", "\(now + 60).5") == .notYetValid(Instant(unixMilliseconds: (now + 60) * 1000 + 500)))
        #expect(fault("nbf", "1795600100e0") == nil)
        #expect(fault("exp", "1.7956003e9") == nil)
    }

    @Test(arguments: ["exp", "nbf", "iat"])
    func `what is no time is refused, whichever it is`(name: String) throws {
        let time = try #require(TokenTime(rawValue: name))
        for spelling in ["-1", "-0", "-1e-5", "1e400", "-1e400", "1e300", "253402300800", "99999999999999999999"] {
            #expect(fault(name, spelling) == .timeUnusable(time), "\(spelling)")
        }
        for value in ["1795600300", "", "tomorrow", true, nil, [], [1_795_600_300], [:]] as [JSON] {
            #expect(Forge.fault(of: Forge.claims([(name, value)])) == .timeUnusable(time))
        }
    }

    // MARK: - Tokens that say too little

    private func verified(_ claims: JSON, _ expectations: TokenExpectations) throws -> VerifiedToken {
        try TokenVerifier(expectations).verify(
            Forge.rsa.token(Forge.header, claims), keys: Forge.keySet, at: Forge.now)
    }

    private func sample(_ name: String) throws -> JSON {
        let file = try #require(Bundle.module.url(forResource: "Claims/\(name)", withExtension: "json"))
        return try JSON(parsing: Array(Data(contentsOf: file)))
    }

    @Test func `a Keycloak lightweight token is proven, and known to say nothing about its user`() throws {
        let claims = try sample("02-keycloak-lightweight")
        let issuer = try #require(claims["iss"]?.string)
        let expectations = TokenExpectations(issuer: issuer, kind: .access, audiences: ["jupyterhub"])
        #expect(try verified(claims, expectations).gap == .user)
    }

    @Test func `an Entra token that leaves out the groups is known to, where groups are asked for`() throws {
        let claims = try sample("05-entra-overage")
        let issuer = try #require(claims["iss"]?.string)
        let audience = try #require(claims["aud"]?.string)
        func gap(_ claims: JSON, needsGroups: Bool) throws -> TokenGap? {
            try verified(
                claims,
                TokenExpectations(issuer: issuer, kind: .access, audiences: [audience], needsGroups: needsGroups)
            ).gap
        }
        #expect(try gap(claims, needsGroups: true) == .groups)
        #expect(try gap(claims, needsGroups: false) == nil)
        var implicit = claims
        implicit["_claim_names"] = nil
        implicit["hasgroups"] = true
        #expect(try gap(implicit, needsGroups: true) == .groups)
    }

    @Test func `a token without a user but with a foreign audience is refused for that`() {
        #expect(Forge.fault(of: Forge.claims([("aud", "other")], without: ["sub"])) == .audienceWrong)
    }

    // MARK: - Codes

    @Test func `codes are in kebab case and each its own`() {
        let errors: [TokenError] = [
            .tooLarge(bytes: 1), .opaque, .encrypted, .malformed(.header, .empty), .nested, .unsigned,
            .algorithmUnknown,
            .algorithmRefused(.es256), .criticalHeader, .typeWrong(expected: .access), .keyIDMissing, .keyUnknown,
            .keyUnfit(.es256), .signatureInvalid, .issuerWrong, .audienceWrong, .partyWrong, .expiryMissing,
            .timeUnusable(.issued), .expired(Forge.now), .notYetValid(Forge.now), .issuedInFuture(Forge.now),
            .profileVersionUnknown, .inactive, .subjectDiffers, .unaskable, .lightweight, .groupsElsewhere,
        ]
        #expect(Set(errors.map(\.code)).count == errors.count)
        for error in errors {
            #expect(error.code.wholeMatch(of: /token(-[a-z]+)+/) != nil)
            #expect(error.description.hasPrefix("the "))
        }
    }
}
