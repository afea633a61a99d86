// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Synchronization
import Testing
import TokenForge

/// Tokens that were proven before, and those that only their issuer can tell about.
struct IssuerTests {
    private let scripted = ScriptedIssuer(Forge.rsa.jwk(kid: "rsa"))
    private let client = ClientCredentials(id: "berth:1", secret: ClientSecret("s3cret/+ ü"))

    // MARK: - Memory

    @Test func `a proven token is remembered until it expires, and as what it was proven`() async {
        let issuer = scripted.issuer()
        let token = scripted.token()
        #expect(issuer.rememberedClaims(of: token, as: .access) == nil)
        #expect(await issuer.outcome(token) == "ana")
        #expect(issuer.rememberedClaims(of: token, as: .access)?["sub"] == "f:1:ana")
        #expect(issuer.rememberedClaims(of: token, as: .id) == nil)
        #expect(issuer.rememberedClaims(of: token + "=", as: .access) == nil)
        #expect(issuer.rememberedClaims(of: String(token.dropLast()), as: .access) == nil)
        scripted.pass(.seconds(59))
        #expect(issuer.rememberedClaims(of: token, as: .access) != nil)
        scripted.pass(.seconds(1))
        #expect(issuer.rememberedClaims(of: token, as: .access) == nil)
        #expect(await issuer.outcome(token) == "token-expired")
    }

    @Test func `a token that was refused is not remembered`() async {
        let issuer = scripted.issuer()
        let forged = scripted.token(Forge.otherRSA)
        #expect(await issuer.outcome(forged) == "token-signature-invalid")
        #expect(issuer.rememberedClaims(of: forged, as: .access) == nil)
    }

    @Test func `memory has a bound, and the newest stay`() async {
        let scripted = ScriptedIssuer(Forge.ed25519.jwk(kid: "ed"))
        let issuer = scripted.issuer()
        var tokens: [String] = []
        for number in 0..<4200 {
            let token = Forge.ed25519.token(["alg": "EdDSA", "kid": "ed"], Forge.claims([("n", JSON(number))]))
            tokens.append(token)
            #expect(await issuer.outcome(token) == "ana")
        }
        let remembered = tokens.map { issuer.rememberedClaims(of: $0, as: .access) != nil }
        #expect(remembered.count { $0 } == 4096)
        #expect(remembered.drop { !$0 }.allSatisfy { $0 })
    }

    // MARK: - What only the issuer can tell

    @Test func `an opaque token is refused in words where nobody may be asked`() async {
        #expect(await scripted.issuer().outcome("3f1c5e9a-7a0d") == "token-opaque")
        #expect(scripted.state.withLock { $0.asked.isEmpty })
    }

    private let active: JSON = [
        "active": true, "sub": "f:1:ana", "preferred_username": "ana", "aud": ["jupyterhub"], "scope": "openid",
        "realm_access": ["roles": ["staff"]],
    ]

    private func active(_ changes: [(String, JSON?)]) -> JSON {
        var active = active
        for (name, value) in changes { active[name] = value }
        return active
    }

    @Test func `an opaque token is asked about as RFC 7662 has it`() async throws {
        scripted.answer(.introspection, active)
        let issuer = scripted.issuer([.verify, .introspect], client: client)
        let claims = try await issuer.claims(of: "3f1c5e9a-7a0d", as: .access)
        #expect(claims["realm_access"] == ["roles": ["staff"]])
        #expect(claims["iss"]?.string == Forge.issuer, "so that the mapping of this issuer is used")
        #expect(claims["active"] == nil)
        let question = try #require(scripted.last)
        #expect(question.url == "https://idp.example.org/introspect")
        #expect(question.form == Array("token=3f1c5e9a-7a0d&token_type_hint=access_token".utf8))
        // RFC 6749 section 2.3.1: both are form-encoded before they are put together.
        let authorization = question.headers.first { $0.name == "Authorization" }?.value
        #expect(authorization == "Basic YmVydGglM0ExOnMzY3JldCUyRiUyQiUyMCVDMyVCQw==")
    }

    @Test func `credentials go into the form where the issuer wants them there`() async throws {
        scripted.answer(.introspection, active)
        let posting = ClientCredentials(id: "berth", secret: ClientSecret("a&b=c"), method: .post)
        let issuer = scripted.issuer([.introspect], client: posting)
        _ = try await issuer.claims(of: "opaque", as: .access)
        let question = try #require(scripted.last)
        #expect(question.headers.allSatisfy { $0.name != "Authorization" })
        let form = String(decoding: question.form ?? [], as: UTF8.self)
        #expect(form == "token=opaque&token_type_hint=access_token&client_id=berth&client_secret=a%26b%3Dc")
    }

    @Test func `an answer about a token stands for a minute, or until the token expires`() async {
        scripted.answer(.introspection, active)
        let issuer = scripted.issuer([.introspect], client: client)
        for _ in 0..<5 { #expect(await issuer.outcome("opaque") == "ana") }
        #expect(scripted.count(.introspection) == 1)
        scripted.answer(.introspection, ["active": false])
        scripted.pass(.seconds(59))
        #expect(await issuer.outcome("opaque") == "ana")
        scripted.pass(.seconds(1))
        #expect(await issuer.outcome("opaque") == "token-inactive")

        let soon = Int(scripted.clock().unixMilliseconds / 1000) + 10
        scripted.answer(.introspection, active([("exp", JSON(soon))]))
        #expect(await issuer.outcome("opaque-2") == "ana")
        scripted.pass(.seconds(10))
        #expect(await issuer.outcome("opaque-2") == "token-expired")
    }

    @Test func `what the issuer says of a token counts as in a token`() async {
        let issuer = scripted.issuer([.introspect], client: client)
        let cases: [([(String, JSON?)], String)] = [
            ([("aud", "other")], "token-audience-wrong"), ([("iss", "https://evil.example.org")], "token-issuer-wrong"),
            ([("exp", 1)], "token-expired"), ([("exp", "soon")], "token-time-unusable"),
            ([("token_type", "refresh_token")], "token-type-wrong"), ([("typ", "Refresh")], "token-type-wrong"),
            ([("sub", nil)], "token-lightweight"), ([("active", "true")], "issuer-answer-unusable"),
            ([("active", nil)], "issuer-answer-unusable"), ([("active", false)], "token-inactive"),
            ([("token_type", "Bearer")], "ana"), ([("aud", nil)], "ana"), ([("iss", JSON(Forge.issuer))], "ana"),
        ]
        for (number, (changes, outcome)) in cases.enumerated() {
            scripted.answer(.introspection, active(changes))
            #expect(await issuer.outcome("opaque-\(number)") == outcome, "\(changes)")
        }
    }

    @Test func `an issuer that answers an error or no JSON leaves the token unknown`() async {
        let issuer = scripted.issuer([.introspect], client: client)
        scripted.answer(.introspection, ["error": "invalid_client"], status: 401)
        #expect(await issuer.outcome("opaque") == "issuer-answer-unusable")
        scripted.answer(.introspection, Array("<html>".utf8))
        #expect(await issuer.outcome("opaque") == "issuer-answer-unusable")
        scripted.answer(.introspection, Array(#"{"active":true,"active":false,"sub":"a"}"#.utf8))
        #expect(await issuer.outcome("opaque") == "issuer-answer-unusable")
        scripted.fail(.introspection)
        #expect(await issuer.outcome("opaque") == "issuer-unreachable")
    }

    @Test func `userinfo is asked with the token, and 401 means that it does not count`() async throws {
        scripted.answer(.userinfo, ["sub": "f:1:ana", "preferred_username": "ana", "groups": ["/staff"]])
        let issuer = scripted.issuer([.userinfo])
        let claims = try await issuer.claims(of: "opaque", as: .access)
        #expect(claims["groups"] == ["/staff"])
        let question = try #require(scripted.last)
        #expect(question.form == nil)
        #expect(question.headers.contains { $0 == ("Authorization", "Bearer opaque") })
        scripted.answer(.userinfo, ["error": "invalid_token"], status: 401)
        #expect(await issuer.outcome("revoked") == "token-inactive")
        scripted.answer(.userinfo, Array("eyJh.eyJh.AAAA".utf8))
        #expect(await issuer.outcome("signed") == "issuer-answer-unusable")
    }

    @Test(arguments: ["a b", "a\r\nX-Admin: 1", "tökén", "", String(repeating: "a", count: 16_385)])
    func `a token that no header can carry is not sent to anybody`(token: String) async {
        for way in [TokenWay.introspect, .userinfo] {
            #expect(await scripted.issuer([way], client: client).outcome(token) == "token-unaskable")
        }
        #expect(scripted.state.withLock { $0.asked.isEmpty })
    }

    @Test func `a token that fails a check is not asked about`() async {
        scripted.answer(.introspection, active)
        let issuer = scripted.issuer([.verify, .introspect], client: client)
        for token in [
            scripted.token(Forge.otherRSA), scripted.token(Forge.rsa, [("aud", "other")]),
            scripted.token(Forge.rsa, [("exp", 1)]), Forge.rsa.token(["alg": "none"], Forge.claims, by: "RS256"),
        ] {
            #expect(await issuer.outcome(token).hasPrefix("token-"))
        }
        #expect(scripted.count(.introspection) == 0)
    }

    // MARK: - Tokens that say too little

    private var lightweight: String {
        Forge.rsa.token(
            Forge.header,
            Forge.claims([("azp", "jupyterhub")], without: ["sub", "aud", "preferred_username"]))
    }

    @Test func `a lightweight token is refused in words, or completed by its issuer`() async throws {
        #expect(await scripted.issuer().outcome(lightweight) == "token-lightweight")
        scripted.answer(.introspection, active)
        let issuer = scripted.issuer([.verify, .introspect], client: client)
        let claims = try await issuer.claims(of: lightweight, as: .access)
        #expect(claims["realm_access"] == ["roles": ["staff"]])
        #expect(claims["azp"] == "jupyterhub")
        #expect(claims["exp"] == 1_795_600_300)
        scripted.answer(.introspection, active([("aud", "other")]))
        scripted.pass(.seconds(61))
        #expect(await issuer.outcome(lightweight) == "token-audience-wrong")
    }

    @Test func `a lightweight token that names its user is asked about where that can be done, and taken elsewhere`()
        async throws
    {
        let token = Forge.rsa.token(Forge.header, Forge.claims([("jti", "onltac:5f0c7a1e-0f6a")]))
        #expect(await scripted.issuer().outcome(token) == "ana")
        #expect(scripted.count(.introspection) == 0)
        scripted.answer(.introspection, active)
        let issuer = scripted.issuer([.verify, .introspect], client: client)
        #expect(try await issuer.claims(of: token, as: .access)["realm_access"] == ["roles": ["staff"]])
        let whole = Forge.rsa.token(Forge.header, Forge.claims([("jti", "onrtac:5f0c7a1e-0f6a")]))
        #expect(try await issuer.claims(of: whole, as: .access)["realm_access"] == nil)
        #expect(scripted.count(.introspection) == 1)
    }

    private var overage: String {
        Forge.rsa.token(Forge.header, Forge.claims([("_claim_names", ["groups": "src1"])]))
    }

    @Test func `groups that are left out are fetched, or their lack is said in words`() async throws {
        #expect(await scripted.issuer(needsGroups: true).outcome(overage) == "token-groups-elsewhere")
        #expect(await scripted.issuer(needsGroups: false).outcome(overage) == "ana")
        let issuer = scripted.issuer([.verify, .userinfo], needsGroups: true)
        scripted.answer(.userinfo, ["sub": "f:1:ana", "name": "Ana"])
        #expect(await issuer.outcome(overage) == "token-groups-elsewhere")
        scripted.answer(.userinfo, ["sub": "f:1:ana", "groups": ["a", "b"]])
        let claims = try await issuer.claims(of: overage, as: .access)
        #expect(claims["groups"] == ["a", "b"])
        #expect(claims["_claim_names"] == nil)
    }

    @Test func `an answer about another user is not used`() async {
        let issuer = scripted.issuer([.verify, .userinfo], needsGroups: true)
        scripted.answer(.userinfo, ["sub": "f:1:bo", "groups": ["admins"]])
        #expect(await issuer.outcome(overage) == "token-subject-differs")
    }

    @Test func `what the signature has proven is not changed by an answer`() async throws {
        let issuer = scripted.issuer([.verify, .userinfo], needsGroups: true)
        scripted.answer(
            .userinfo, ["sub": "f:1:ana", "groups": ["a"], "azp": "other", "exp": 1_900_000_000, "aud": ["jupyterhub"]])
        let claims = try await issuer.claims(of: overage, as: .access)
        #expect(claims["exp"] == 1_795_600_300)
        #expect(claims["aud"] == ["jupyterhub", "account"])
    }

    // MARK: - Secrets

    @Test func `neither a token nor a secret is in a description of what went wrong`() async {
        let issuer = scripted.issuer([.introspect], client: client)
        #expect(!"\(client) \(String(reflecting: client))".contains("s3cret"))
        #expect(!"\(issuer.terms)".contains("s3cret"))
        var dumped = ""
        dump(issuer.terms, to: &dumped)
        #expect(!dumped.contains("s3cret"))
        scripted.answer(.introspection, Array("opaque-CANARY".utf8))
        do {
            _ = try await issuer.claims(of: "opaque-CANARY", as: .access)
            Issue.record("taken")
        } catch {
            #expect(!"\(error)".contains("CANARY"))
        }
    }
}
