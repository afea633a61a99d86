// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import Testing
import TokenForge

struct SignatureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let key: ForgeKey
        let kid: String
        let algorithm: SigningAlgorithm

        var testDescription: String { "\(algorithm.rawValue) by \(kid)" }
        func token(_ claims: JSON = Forge.claims) -> String {
            key.token(["alg": JSON(algorithm.rawValue), "kid": JSON(kid)], claims)
        }
    }

    static let cases: [Case] =
        [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512].map { Case(key: Forge.rsa, kid: "rsa", algorithm: $0) } + [
            Case(key: Forge.p256, kid: "p256", algorithm: .es256),
            Case(key: Forge.p384, kid: "p384", algorithm: .es384),
            Case(key: Forge.p521, kid: "p521", algorithm: .es512),
            Case(key: Forge.ed25519, kid: "ed25519", algorithm: .edDSA),
            Case(key: Forge.ed448, kid: "ed448", algorithm: .edDSA),
        ]

    @Test(arguments: cases)
    func `a token is taken, again and again`(of one: Case) throws {
        for _ in 0..<40 {
            let verified = try TokenVerifier(Forge.expectations()).verify(
                one.token(), keys: Forge.keySet, at: Forge.now)
            #expect(verified.claims["preferred_username"]?.string == "ana")
        }
    }

    @Test(arguments: cases)
    func `each bit of the signature counts, and good tokens are taken after bad ones`(of one: Case) throws {
        let token = one.token()
        let parts = token.split(separator: ".")
        let signature = try #require(Base64URL.decode(String(parts[2])))
        for place in Set([0, 1, signature.count / 2, signature.count - 1]) {
            var spoilt = signature
            spoilt[place] ^= 0x10
            #expect(Forge.fault("\(parts[0]).\(parts[1]).\(base64url(spoilt))") == .signatureInvalid)
            #expect(Forge.fault(token) == nil)
        }
    }

    @Test(arguments: cases)
    func `a signature that is cut, longer or empty is wrong`(of one: Case) throws {
        let parts = one.token().split(separator: ".")
        let signature = try #require(Base64URL.decode(String(parts[2])))
        for other in [Array(signature.dropLast()), signature + [0], [0] + signature, []] {
            #expect(Forge.fault("\(parts[0]).\(parts[1]).\(base64url(other))") == .signatureInvalid)
        }
    }

    @Test(arguments: cases)
    func `another token's signature is wrong`(of one: Case) {
        let parts = one.token().split(separator: ".")
        let other = one.token(Forge.claims([("preferred_username", "bo")])).split(separator: ".")
        #expect(Forge.fault("\(parts[0]).\(other[1]).\(parts[2])") == .signatureInvalid)
    }

    @Test func `an ECDSA signature as DER is not a JWS signature`() throws {
        for numbers in [[UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xFF, count: 64)] {
            let parts = Self.cases[6].token().split(separator: ".")
            #expect(Forge.fault("\(parts[0]).\(parts[1]).\(base64url(numbers))") == .signatureInvalid)
        }
        let der: [UInt8] = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]
        let parts = Self.cases[6].token().split(separator: ".")
        #expect(Forge.fault("\(parts[0]).\(parts[1]).\(base64url(der))") == .signatureInvalid)
    }

    @Test func `a PSS signature is not taken for PKCS 1, nor the other way round`() {
        let header = { (alg: String) in Forge.header([("alg", JSON(alg))]) }
        #expect(Forge.fault(Forge.rsa.token(header("RS256"), Forge.claims, by: "PS256")) == .signatureInvalid)
        #expect(Forge.fault(Forge.rsa.token(header("PS256"), Forge.claims, by: "RS256")) == .signatureInvalid)
        #expect(Forge.fault(Forge.rsa.token(header("RS512"), Forge.claims, by: "RS256")) == .signatureInvalid)
    }

    @Test func `a PSS salt is as long as its hash`() {
        let text = base64url(#"{"alg":"PS256","kid":"rsa"}"#.utf8.map { $0 }) + "." + base64url(Forge.claims.bytes)
        func fault(salt: Int32) -> TokenError? {
            let signature = Forge.rsa.signature(of: Array(text.utf8), by: "PS256", salt: salt)
            return Forge.fault("\(text).\(base64url(signature))")
        }
        #expect(fault(salt: 32) == nil)
        for salt: Int32 in [0, 20, 64] { #expect(fault(salt: salt) == .signatureInvalid) }
    }

    @Test func `one key is used by many threads at once`() async {
        let tokens = Self.cases.map { $0.token() }
        let spoilt = tokens.map { $0.dropLast(8) + "AAAAAAAA" }
        await withTaskGroup(of: (good: Int, bad: Int).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var result = (good: 0, bad: 0)
                    for _ in 0..<20 {
                        for (good, bad) in zip(tokens, spoilt) {
                            if Forge.fault(good) == nil { result.good += 1 }
                            if Forge.fault(String(bad)) == .signatureInvalid { result.bad += 1 }
                        }
                    }
                    return result
                }
            }
            for await result in group { #expect(result == (20 * tokens.count, 20 * tokens.count)) }
        }
    }
}
