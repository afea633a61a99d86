// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Synchronization
import Testing
import TokenForge

struct KeySetsTests {
    private let scripted = ScriptedIssuer(Forge.rsa.jwk(kid: "rsa"))

    @Test func `keys are read once and serve many tokens`() async {
        let issuer = scripted.issuer()
        for number in 0..<20 {
            #expect(await issuer.outcome(scripted.token(Forge.rsa, [("n", JSON(number))])) == "ana")
        }
        #expect(scripted.count(.keys) == 1)
        #expect(scripted.count(.discovery) == 1)
    }

    @Test func `however many ask at once, one request is made`() async {
        let issuer = scripted.issuer()
        scripted.hold()
        await withTaskGroup(of: String.self) { group in
            for number in 0..<100 {
                group.addTask { await issuer.outcome(scripted.token(Forge.rsa, [("n", JSON(number))])) }
            }
            group.addTask {
                while scripted.count(.discovery) == 0 { await Task.yield() }
                scripted.release()
                return "ana"
            }
            for await outcome in group { #expect(outcome == "ana") }
        }
        #expect(scripted.count(.keys) == 1)
    }

    @Test func `a key that is new is found by exactly one request`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.publish([Forge.rsa.jwk(kid: "rsa"), Forge.otherRSA.jwk(kid: "new")])
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { await issuer.outcome(scripted.token(kid: "new", Forge.otherRSA)) } }
            for await outcome in group { #expect(outcome == "ana") }
        }
        #expect(scripted.count(.keys) == 2)
        #expect(await issuer.outcome(scripted.token()) == "ana")
    }

    @Test func `a thousand made-up keys cost one request in a cool-down`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.pass(.seconds(31))
        for number in 0..<1000 {
            let token = Forge.header([("kid", JSON("made-up-\(number)"))]).forged
            #expect(await issuer.outcome(token) == (number == 0 ? "token-key-unknown" : "issuer-keys-resting"))
        }
        #expect(scripted.count(.keys) == 2)
        scripted.pass(.seconds(31))
        #expect(await issuer.outcome(Forge.header([("kid", "another")]).forged) == "token-key-unknown")
        #expect(scripted.count(.keys) == 3)
    }

    @Test func `a second rotation within the cool-down is waited for, not taken for a fault of the login`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.publish([Forge.otherRSA.jwk(kid: "second")])
        #expect(await issuer.outcome(scripted.token(kid: "second", Forge.otherRSA)) == "ana")
        scripted.publish([Forge.rsa.jwk(kid: "third")])
        scripted.pass(.seconds(12))
        let token = scripted.token(kid: "third")
        do {
            _ = try await issuer.claims(of: token, as: .access)
            Issue.record("a key was taken that nobody has read")
        } catch {
            #expect(error == .issuer(.resting(.seconds(18))))
        }
        #expect(scripted.count(.keys) == 2)
        scripted.pass(.seconds(18))
        #expect(await issuer.outcome(token) == "ana", "the wait that was told is long enough")
    }

    @Test func `a key known to be missing is not asked for in the next cool-down either`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.pass(.seconds(31))
        let token = Forge.header([("kid", "gone")]).forged
        #expect(await issuer.outcome(token) == "token-key-unknown")
        scripted.pass(.seconds(31))
        #expect(await issuer.outcome(token) == "token-key-unknown")
        #expect(scripted.count(.keys) == 2)
        scripted.pass(.seconds(100))
        #expect(await issuer.outcome(token) == "token-key-unknown")
        #expect(scripted.count(.keys) == 3, "it may have been published since")
    }

    @Test func `a token that no key could prove costs no request`() async {
        let issuer = scripted.issuer()
        for token in [
            Forge.header([("alg", "none")]).forged, Forge.header([("alg", "HS256")]).forged,
            Forge.header([("crit", ["exp"])]).forged, "a.b", "", Forge.header([("typ", "logout+jwt")]).forged,
        ] {
            #expect(await issuer.outcome(token).hasPrefix("token-"))
        }
        #expect(scripted.count(.discovery) == 0)
    }

    @Test func `old keys are read again while they go on to be used`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.pass(.seconds(6 * 3600))
        scripted.hold()
        #expect(await issuer.outcome(scripted.token()) == "ana", "nobody waits for a renewal")
        scripted.release()
        while scripted.count(.keys) < 2 { await Task.yield() }
        #expect(scripted.count(.discovery) == 2, "where the keys are is asked again as well")
    }

    @Test func `where the issuer stops answering, known keys count for the stated time and no longer`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.fail(.discovery)
        scripted.fail(.keys)
        for _ in 0..<47 {
            scripted.pass(.seconds(3600))
            #expect(await issuer.outcome(scripted.token()) == "ana")
        }
        scripted.pass(.seconds(3599))
        #expect(await issuer.outcome(scripted.token()) == "ana")
        let proven = scripted.token(Forge.rsa, [("exp", 1_900_000_000)])
        #expect(await issuer.outcome(proven) == "ana")
        scripted.pass(.seconds(1))
        #expect(await issuer.outcome(scripted.token()) == "issuer-unreachable")
        #expect(
            await issuer.outcome(proven) == "issuer-unreachable", "what was proven before does not outlive the keys")
        scripted.answer(.keys, ["keys": [Forge.rsa.jwk(kid: "rsa")]])
        scripted.answer(.discovery, ["issuer": JSON(Forge.issuer), "jwks_uri": "https://idp.example.org/keys"])
        scripted.pass(.seconds(5))
        #expect(await issuer.outcome(scripted.token()) == "ana")
    }

    @Test func `where the issuer does not answer, an unknown key fails closed and says why`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.fail(.keys)
        scripted.pass(.seconds(31))
        let unknown = Forge.header([("kid", "new")]).forged
        for _ in 0..<3 { #expect(await issuer.outcome(unknown) == "issuer-unreachable") }
        #expect(scripted.count(.keys) == 2, "one question in a cool-down, also of an issuer that fails")
        #expect(await issuer.outcome(scripted.token()) == "ana")
    }

    @Test func `a failure does not make a key known to be missing`() async {
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.fail(.keys)
        scripted.pass(.seconds(31))
        #expect(await issuer.outcome(scripted.token(kid: "new", Forge.otherRSA)) == "issuer-unreachable")
        scripted.publish([Forge.otherRSA.jwk(kid: "new")])
        scripted.pass(.seconds(31))
        #expect(await issuer.outcome(scripted.token(kid: "new", Forge.otherRSA)) == "ana")
    }

    @Test func `a key that is published no longer proves nothing, not even what it proved before`() async {
        let issuer = scripted.issuer()
        let token = scripted.token(Forge.rsa, [("exp", 1_900_000_000)])
        #expect(await issuer.outcome(token) == "ana")
        scripted.publish([Forge.otherRSA.jwk(kid: "new")])
        #expect(await issuer.outcome(scripted.token(kid: "new", Forge.otherRSA)) == "ana")
        #expect(await issuer.outcome(token) == "token-key-unknown")
    }

    @Test func `without keys nothing is taken, and the issuer is not asked at every turn`() async {
        scripted.fail(.discovery)
        let issuer = scripted.issuer()
        for _ in 0..<50 { #expect(await issuer.outcome(scripted.token()) == "issuer-unreachable") }
        #expect(scripted.count(.discovery) == 1)
        scripted.pass(.seconds(5))
        #expect(await issuer.outcome(scripted.token()) == "issuer-unreachable")
        #expect(scripted.count(.discovery) == 2)
    }

    @Test(arguments: [
        ("<html><body>Sign in</body></html>", 200, "issuer-answer-unusable"), ("", 200, "issuer-answer-unusable"),
        (#"{"keys":[]}"#, 200, "issuer-without-keys"),
        (#"{"keys":[{"kty":"oct","k":"AA"}]}"#, 200, "issuer-without-keys"),
        (#"{"keys":[]}"#, 302, "issuer-answer-unusable"), ("", 500, "issuer-answer-unusable"),
        (#"{"error":"x"}"#, 404, "issuer-answer-unusable"), (#"{"keys":[],"keys":[]}"#, 200, "issuer-answer-unusable"),
    ])
    func `an answer that is no key set costs the keys at hand nothing`(body: String, status: Int, code: String) async {
        scripted.answer(.keys, Array(body.utf8), status: status)
        let empty = scripted.issuer()
        #expect(await empty.outcome(scripted.token()) == code)

        scripted.publish([Forge.rsa.jwk(kid: "rsa")])
        let issuer = scripted.issuer()
        #expect(await issuer.outcome(scripted.token()) == "ana")
        scripted.answer(.keys, Array(body.utf8), status: status)
        scripted.pass(.seconds(31))
        #expect(await issuer.outcome(Forge.header([("kid", "new")]).forged) == code)
        #expect(await issuer.outcome(scripted.token()) == "ana")
    }

    @Test(arguments: [
        "https://idp.example.org/realms/lab/", "https://evil.example.org/realms/lab", "",
    ])
    func `a discovery document of another issuer is not followed`(issuer: String) async {
        scripted.answer(.discovery, ["issuer": JSON(issuer), "jwks_uri": "https://idp.example.org/keys"])
        #expect(await scripted.issuer().outcome(scripted.token()) == "issuer-document-foreign")
        #expect(scripted.count(.keys) == 0)
    }

    @Test(arguments: ["http://idp.example.org/keys", "file:///etc/passwd", "", "https://idp.example.org/\r\nHost: x"])
    func `a document that leads out of TLS is not followed`(url: String) async {
        scripted.answer(.discovery, ["issuer": JSON(Forge.issuer), "jwks_uri": JSON(url)])
        #expect(await scripted.issuer().outcome(scripted.token()) == "issuer-endpoint-unusable")
        #expect(scripted.count(.keys) == 0)
    }

    @Test func `the document stands below the issuer, with one slash`() async {
        _ = await scripted.issuer().outcome(scripted.token())
        let question = scripted.state.withLock { $0.asked[0] }
        #expect(question.url == "https://idp.example.org/realms/lab/.well-known/openid-configuration")
    }

    @Test func `what the document says of algorithms is not heard`() async {
        // It lists only none and HS256.
        #expect(await scripted.issuer().outcome(scripted.token()) == "ana")
    }

    @Test func `how the keys stand is told in words`() async throws {
        let sets = KeySets(issuer: Forge.issuer, asking: scripted, now: scripted.clock)
        let issuers = Issuers(asking: scripted, now: scripted.clock)
        let terms = IssuerTerms(issuer: Forge.issuer, audiences: ["jupyterhub"])
        func words() -> String { issuers.standings([terms])[0].standing.description }
        #expect(sets.standing(at: Forge.now) == .unread)
        #expect(words() == "its keys have not been asked for yet")
        await issuers.prepare([terms])
        #expect(words() == "ok")
        scripted.fail(.keys)
        scripted.pass(.seconds(6 * 3600))
        _ = await issuers.issuer(terms).outcome(scripted.token())
        while words() == "ok" { await Task.yield() }
        #expect(
            words() == "the issuer's key set cannot be reached: connection refused; "
                + "the keys of 2026-11-25T09:48:20Z are used until 2026-11-27T09:48:20Z")
        scripted.pass(.seconds(2 * 86_400))
        #expect(words() == "no token is taken: the issuer's key set cannot be reached: connection refused")
    }

    @Test func `issuers keep their keys while their terms stay`() async {
        let issuers = Issuers(asking: scripted, now: scripted.clock)
        let terms = IssuerTerms(issuer: Forge.issuer, audiences: ["jupyterhub"])
        await issuers.prepare([terms])
        #expect(issuers.issuer(terms) === issuers.issuer(terms))
        let changed = IssuerTerms(issuer: Forge.issuer, audiences: ["other"])
        #expect(await issuers.issuer(changed).outcome(scripted.token()) == "token-audience-wrong")
        #expect(await issuers.issuer(terms).outcome(scripted.token()) == "ana")
    }
}

extension JSON {
    /// A token with this header, signed with a key of nobody.
    fileprivate var forged: String { Forge.otherRSA.token(self, Forge.claims, by: "RS256") }
}
