// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import Testing
import TokenForge

/// Tokens as attackers and careless issuers make them: the traps that libraries are known to have fallen into.
struct ForgeryTests {
    // MARK: - The algorithm

    @Test func `the public key as the secret of an HMAC proves nothing`() {
        for key in [Forge.rsa, Forge.p256] {
            for kid in ["rsa", "p256"] {
                let header = Forge.header([("alg", "HS256"), ("kid", JSON(kid))])
                #expect(Forge.fault(hmacToken(header, Forge.claims, secret: key.publicPEM)) == .algorithmUnknown)
            }
        }
        let modulus = Forge.rsa.number("n").string ?? ""
        let secret = Base64URL.decode(modulus) ?? []
        #expect(Forge.fault(hmacToken(Forge.header([("alg", "HS256")]), Forge.claims, secret: secret)) != nil)
    }

    @Test func `an HMAC under the name of a signature proves nothing`() {
        #expect(Forge.fault(hmacToken(Forge.header, Forge.claims, secret: Forge.rsa.publicPEM)) == .signatureInvalid)
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE"])
    func `an unsigned token is refused, with and without a signature`(alg: String) {
        let signed = Forge.rsa.token(Forge.header([("alg", JSON(alg))]), Forge.claims, by: "RS256")
        #expect(Forge.fault(signed) == .unsigned)
        let parts = signed.split(separator: ".")
        #expect(Forge.fault("\(parts[0]).\(parts[1]).") == .unsigned)
    }

    @Test(arguments: ["rs256", "Rs256", "RS256 ", " RS256", "RS257", "HS384", "ES256K", "A256GCM", "RS\u{FF12}56"])
    func `an algorithm counts by its exact name only`(alg: String) {
        let token = Forge.rsa.token(Forge.header([("alg", JSON(alg))]), Forge.claims, by: "RS256")
        #expect(Forge.fault(token) == .algorithmUnknown)
    }

    @Test func `an algorithm that is no text, or missing, is a malformed header`() {
        for header in [
            Forge.header([("alg", 256)]), Forge.header([("alg", ["RS256"])]), Forge.header([], without: ["alg"]),
        ] {
            let token = Forge.rsa.token(header, Forge.claims, by: "RS256")
            #expect(Forge.fault(token) == .malformed(.header, .member("alg")))
        }
    }

    @Test func `what the configuration does not name is refused though the key could do it`() {
        let token = Forge.rsa.token(Forge.header([("alg", "RS512")]), Forge.claims)
        #expect(Forge.fault(token) == nil)
        #expect(Forge.fault(token, Forge.expectations(algorithms: [.rs256])) == .algorithmRefused(.rs512))
    }

    @Test func `a key pinned to one algorithm does not do another`() throws {
        let keys = try Forge.set(Forge.rsa.jwk(kid: "rsa", alg: "RS256"))
        #expect(Forge.fault(Forge.rsa.token(Forge.header, Forge.claims), keys: keys) == nil)
        for alg in ["RS512", "PS256"] {
            let token = Forge.rsa.token(Forge.header([("alg", JSON(alg))]), Forge.claims)
            #expect(Forge.fault(token, keys: keys) == .keyUnfit(SigningAlgorithm(rawValue: alg)!))
        }
    }

    @Test func `ES256 by a P-384 key is refused, and so is every other key swap`() {
        let token = Forge.p384.token(["alg": "ES256", "kid": "p384"], Forge.claims)
        #expect(Forge.fault(token) == .keyUnfit(.es256))
        for (alg, kid) in [
            ("RS256", "p256"), ("ES256", "rsa"), ("EdDSA", "rsa"), ("RS256", "ed25519"), ("ES512", "p256"),
        ] {
            let swapped = Forge.rsa.token(["alg": JSON(alg), "kid": JSON(kid)], Forge.claims, by: "RS256")
            #expect(Forge.fault(swapped) == .keyUnfit(SigningAlgorithm(rawValue: alg)!))
        }
    }

    // MARK: - The key

    @Test func `a key that the issuer does not publish proves nothing`() {
        #expect(Forge.fault(Forge.otherRSA.token(Forge.header, Forge.claims)) == .signatureInvalid)
        let named = Forge.otherRSA.token(Forge.header([("kid", "new")]), Forge.claims)
        #expect(Forge.fault(named) == .keyUnknown)
    }

    @Test func `without a key id the only key that fits is used`() throws {
        let token = Forge.rsa.token(Forge.header([], without: ["kid"]), Forge.claims)
        #expect(Forge.fault(token) == nil)
        let two = try Forge.set(Forge.rsa.jwk(kid: "a"), Forge.otherRSA.jwk(kid: "b"))
        #expect(Forge.fault(token, keys: two) == .keyIDMissing)
        let pinned = try Forge.set(Forge.rsa.jwk(kid: "a", alg: "RS256"), Forge.otherRSA.jwk(kid: "b", alg: "RS512"))
        #expect(Forge.fault(token, keys: pinned) == nil)
        #expect(Forge.fault(token, keys: try Forge.set(Forge.p256.jwk())) == .keyUnknown)
    }

    @Test func `WLCG's tokens have to name their key, and to be of a known version`() {
        let claims = Forge.claims([("wlcg.ver", "1.0")])
        #expect(Forge.fault(of: claims) == nil)
        #expect(Forge.fault(of: claims, header: Forge.header([], without: ["kid"])) == .keyIDMissing)
        for version in ["2.0", "10.0", 1] as [JSON] {
            #expect(Forge.fault(of: Forge.claims([("wlcg.ver", version)])) == .profileVersionUnknown)
        }
    }

    @Test(arguments: ["kid", "typ", "cty"])
    func `a header member that is no text is refused`(name: String) {
        for value in [7, nil, ["JWT"], JSON(String(repeating: "x", count: 300))] as [JSON] {
            let token = Forge.rsa.token(Forge.header([(name, value)]), Forge.claims)
            #expect(Forge.fault(token) == .malformed(.header, .member(name)))
        }
    }

    @Test func `a key that the token brings along is not used`() throws {
        let jwk = Forge.otherRSA.jwk(kid: "rsa")
        let urls: [(String, JSON)] = [
            ("jwk", jwk), ("jku", "http://127.0.0.1:1/keys"), ("x5u", "http://127.0.0.1:1/chain"),
            ("x5c", ["MIIBIjANBgkq"]), ("x5t", "AAAA"),
        ]
        for member in urls {
            let forged = Forge.otherRSA.token(Forge.header([member]), Forge.claims)
            #expect(Forge.fault(forged) == .signatureInvalid)
            // Nor does it do harm where the issuer's own key proves the token.
            #expect(Forge.fault(Forge.rsa.token(Forge.header([member]), Forge.claims)) == nil)
        }
    }

    @Test func `a demand that Berth does not know is not passed over`() {
        for member in [("crit", ["exp"]), ("crit", ["b64"]), ("crit", []), ("b64", false)] as [(String, JSON)] {
            let token = Forge.rsa.token(Forge.header([member]), Forge.claims)
            #expect(Forge.fault(token) == .criticalHeader)
        }
    }

    // MARK: - The form

    @Test func `one signature has one spelling`() {
        let token = Forge.rsa.token(Forge.header, Forge.claims)
        let parts = token.split(separator: ".").map(String.init)
        let last = parts[2].last!
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let next = letters[(letters.firstIndex(of: last)! + 1) % 64]
        let spellings = [
            parts[2] + "=", parts[2] + "==", " " + parts[2], parts[2] + " ", parts[2] + "\n",
            parts[2].dropLast() + String(next),
            parts[2].prefix(9) + "\n" + parts[2].dropFirst(9), parts[2] + "AAA",
            parts[2].map { $0 == "-" ? "+" : $0 == "_" ? "/" : "\($0)" }.joined(),
        ]
        for spelling in spellings where spelling != parts[2] {
            #expect(Forge.fault("\(parts[0]).\(parts[1]).\(spelling)") == .malformed(.signature, .notBase64URL))
        }
    }

    @Test func `header and payload have one spelling as well`() {
        let header =
            Forge.header.bytes + Array(repeating: UInt8(ascii: " "), count: (3 - Forge.header.bytes.count % 3) % 3 + 1)
        let token = Forge.rsa.token(header: header, payload: Forge.claims.bytes, by: "RS256")
        let parts = token.split(separator: ".").map(String.init)
        #expect(Forge.fault(token) == nil)
        for padded in [parts[0] + "==", parts[0] + "\n"] {
            #expect(Forge.fault("\(padded).\(parts[1]).\(parts[2])") == .malformed(.header, .notBase64URL))
        }
        let signed = base64url(Forge.header.bytes) + "." + base64url(Forge.claims.bytes) + "="
        let signature = base64url(Forge.rsa.signature(of: Array(signed.utf8), by: "RS256"))
        #expect(Forge.fault("\(signed).\(signature)") == .malformed(.payload, .notBase64URL))
    }

    private func fault(header: String? = nil, payload: String? = nil) -> TokenError? {
        Forge.fault(
            Forge.rsa.token(
                header: header.map { Array($0.utf8) } ?? Forge.header.bytes,
                payload: payload.map { Array($0.utf8) } ?? Forge.claims.bytes, by: "RS256"))
    }

    @Test func `a name that stands twice is refused, in the header and in the claims`() {
        let header = #"{"alg":"RS256","kid":"rsa","alg":"none"}"#
        #expect(fault(header: header) == .malformed(.header, .notJSON(offset: 27)))
        let claims = String(Forge.claims.text.dropLast()) + #","sub":"root"}"#
        #expect(fault(payload: claims) == .malformed(.payload, .notJSON(offset: claims.utf8.count - 13)))
        let escaped = String(Forge.claims.text.dropLast()) + #","s\u0075b":"root"}"#
        #expect(fault(payload: escaped) == .malformed(.payload, .notJSON(offset: escaped.utf8.count - 18)))
    }

    @Test func `a NUL is refused behind the claims, in a text and escaped`() {
        let end = Forge.claims.text.utf8.count
        #expect(fault(payload: Forge.claims.text + "\0trailing") == .malformed(.payload, .notJSON(offset: end)))
        let start = Forge.claims.text.dropLast()
        #expect(fault(payload: start + ",\"x\":\"a\0b\"}") == .malformed(.payload, .notJSON(offset: end + 6)))
        #expect(fault(payload: start + #","x":"ana\u0000root"}"#) == .malformed(.payload, .holdsNUL))
        #expect(fault(payload: start + #","x":"\\\u0000"}"#) == .malformed(.payload, .holdsNUL))
        #expect(fault(payload: start + #","x":"\\u0000"}"#) == nil, "an escaped backslash and five letters")
    }

    @Test(arguments: ["[]", #"[{"iss":"a"}]"#, "null", "7", #""text""#])
    func `claims that are no object are refused`(payload: String) {
        #expect(fault(payload: payload) == .malformed(.payload, .notAnObject))
    }

    @Test func `claims that are no JSON are refused`() {
        #expect(fault(payload: "<html>") == .malformed(.payload, .notJSON(offset: 0)))
        #expect(fault(payload: "") == .malformed(.payload, .empty))
        #expect(
            fault(payload: Forge.claims.text + " {}")
                == .malformed(.payload, .notJSON(offset: Forge.claims.text.utf8.count + 1)))
        #expect(fault(payload: "\u{FEFF}" + Forge.claims.text) == .malformed(.payload, .notJSON(offset: 0)))
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        let claims = Array(Forge.claims.text.dropLast().utf8) + Array(#","x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        let token = Forge.rsa.token(header: Forge.header.bytes, payload: claims, by: "RS256")
        #expect(Forge.fault(token) == .malformed(.payload, .notJSON(offset: claims.count - 3)))
    }

    @Test func `deep nesting is refused without following it`() {
        let deep = { (depth: Int) in
            String(Forge.claims.text.dropLast()) + #","x":"# + String(repeating: "[", count: depth)
                + String(repeating: "]", count: depth) + "}"
        }
        #expect(fault(payload: deep(31)) == nil)
        #expect(fault(payload: deep(32)) == .malformed(.payload, .tooDeep))
        #expect(fault(payload: deep(20_000)) == .malformed(.payload, .tooDeep))
    }

    @Test func `a token of 64 KiB is read, and one byte more is not`() {
        let padded = { (count: Int) in
            Forge.rsa.token(Forge.header, Forge.claims([("x", JSON(String(repeating: "x", count: count)))]))
        }
        var count = 48_000
        while padded(count + 1).utf8.count <= 65_536 { count += 1 }
        #expect(Forge.fault(padded(count)) == nil)
        let larger = padded(count + 1)
        #expect(Forge.fault(larger) == .tooLarge(bytes: larger.utf8.count))
        #expect(Forge.fault(String(repeating: "a", count: 10_000_000)) == .tooLarge(bytes: 10_000_000))
    }

    @Test func `an encrypted token and a nested one have their own answer`() {
        let header = base64url(Array(#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#.utf8))
        #expect(Forge.fault("\(header).AAAA.AAAA.AAAA.AAAA") == .encrypted)
        #expect(Forge.fault("\(header)..AAAA.AAAA.AAAA") == .encrypted)
        let nested = Forge.header([("cty", "JWT")])
        #expect(Forge.fault(Forge.rsa.token(nested, Forge.claims)) == .nested)
    }

    @Test(arguments: [
        "", "ya29.a0AfB_by", "3f1c5e9a-7a0d-4d3b-9f10-1a2b3c4d5e6f", "a.b.c", "a.b.c.d.e", ".", "..", "....", "ey",
        "ey.ey",
        "v2.local.abc", "Bearer ", "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    ])
    func `an opaque token is its own answer`(token: String) {
        #expect(Forge.fault(token) == .opaque)
    }

    @Test func `no fault repeats what the token says`() {
        let canary = "CANARY-7f3a"
        let spoilt: [String] = [
            Forge.rsa.token(Forge.header([("alg", JSON(canary))]), Forge.claims, by: "RS256"),
            Forge.rsa.token(Forge.header([("kid", JSON(canary))]), Forge.claims),
            Forge.rsa.token(Forge.header([("typ", JSON(canary))]), Forge.claims),
            Forge.rsa.token(Forge.header, Forge.claims([("iss", JSON(canary))])),
            Forge.rsa.token(Forge.header, Forge.claims([("aud", JSON(canary))])),
            Forge.rsa.token(Forge.header, Forge.claims([("exp", JSON(canary))])),
            Forge.rsa.token(
                header: Forge.header.bytes, payload: Array(#"{"\#(canary)":1,"\#(canary)":2}"#.utf8), by: "RS256"),
            canary, "ey\(canary).ey\(canary).\(canary)",
        ]
        for token in spoilt {
            let fault = Forge.fault(token)
            #expect(fault != nil)
            #expect(fault.map { "\($0.code) \($0)".contains(canary) } == false)
        }
    }
}
