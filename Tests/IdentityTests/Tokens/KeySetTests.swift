// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import Testing
import TokenForge

struct KeySetTests {
    private func fault(_ jwk: JSON) throws -> KeyFault? {
        let set = try Forge.set(jwk)
        #expect(set.keys.count + set.skipped.count == 1)
        return set.skipped.first?.reason
    }

    private func changed(_ jwk: JSON, _ name: String, _ value: JSON?) -> JSON {
        var jwk = jwk
        jwk[name] = value
        return jwk
    }

    @Test func `a key of each kind is taken`() {
        #expect(Forge.keySet.keys.count == 6)
        #expect(Forge.keySet.skipped.isEmpty)
        #expect(
            Forge.keySet.keys.map(\.key.kind) == [
                .rsa(bits: 2048), .curve(.p256), .curve(.p384), .curve(.p521), .ed25519, .ed448,
            ])
    }

    @Test func `one unusable key does not cost the others`() throws {
        let set = try Forge.set("text", Forge.rsa.jwk(kid: "a"), ["kty": "oct", "k": "AAAA"], Forge.p256.jwk(kid: "b"))
        #expect(set.keys.map { $0.id?.description } == ["a", "b"])
        #expect(set.skipped.map(\.position) == [0, 2])
        #expect(set.skipped.map(\.reason) == [.notAnObject, .symmetric])
    }

    @Test func `a key for encryption is left out, however it says so`() throws {
        #expect(try fault(Forge.rsa.jwk(use: "enc")) == .notForSignatures)
        #expect(try fault(changed(Forge.rsa.jwk(), "use", 7)) == .notForSignatures)
        #expect(try fault(changed(Forge.rsa.jwk(), "key_ops", ["encrypt"])) == .notForSignatures)
        #expect(try fault(Forge.rsa.jwk(alg: "RSA-OAEP", use: nil)) == .unknownAlgorithm)
        #expect(try fault(changed(Forge.rsa.jwk(use: nil), "key_ops", ["sign", "verify"])) == nil)
    }

    @Test func `a symmetric key and one with its private half are left out`() throws {
        #expect(try fault(["kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "alg": "HS256"]) == .symmetric)
        #expect(try fault(["kty": "oct"]) == .symmetric)
        let withExponent = changed(Forge.rsa.jwk(), "d", Forge.rsa.number("d"))
        #expect(try fault(withExponent) == .privateMembers)
        #expect(try fault(changed(Forge.ed25519.jwk(), "d", "AAAA")) == .privateMembers)
    }

    @Test func `RSA keys below 2048 and above 16384 bits are left out`() throws {
        #expect(try fault(ForgeKey(.rsa(bits: 1024)).jwk()) == .rsaTooSmall(bits: 1024))
        let huge = base64url([UInt8](repeating: 0xFF, count: 2049))
        #expect(try fault(["kty": "RSA", "n": JSON(huge), "e": "AQAB"]) == .rsaTooLarge(bits: 16392))
    }

    @Test func `zeros before the modulus do not count`() throws {
        let modulus = try #require(Base64URL.decode(Forge.rsa.number("n").string ?? ""))
        let set = try Forge.set(changed(Forge.rsa.jwk(kid: "rsa"), "n", JSON(base64url([0] + modulus))))
        #expect(set.keys.first?.key.kind == .rsa(bits: 2048))
        #expect(Forge.fault(Forge.rsa.token(Forge.header, Forge.claims), keys: set) == nil)
        let small = try #require(Base64URL.decode(ForgeKey(.rsa(bits: 1024)).number("n").string ?? ""))
        let padded = JSON(base64url([UInt8](repeating: 0, count: 200) + small))
        #expect(try fault(["kty": "RSA", "n": padded, "e": "AQAB"]) == .rsaTooSmall(bits: 1024))
    }

    @Test(arguments: ["AQ", "Ag", "AA", "AQAAAAAB", "_____w8"])
    func `an RSA exponent that is 1, even or huge is refused`(exponent: String) throws {
        #expect(try fault(changed(Forge.rsa.jwk(), "e", JSON(exponent))) == .rsaExponent)
    }

    @Test func `a point beside its curve is refused`() throws {
        let x = Forge.p256.jwk()["x"]
        #expect(try fault(changed(Forge.p256.jwk(), "y", x)) == .notOnCurve)
        let zeros = JSON(base64url([UInt8](repeating: 0, count: 32)))
        #expect(try fault(["kty": "EC", "crv": "P-256", "x": zeros, "y": zeros]) == .notOnCurve)
    }

    @Test func `a coordinate shorter or longer than its curve is refused`() throws {
        let x = try #require(Base64URL.decode(Forge.p256.jwk()["x"]?.string ?? ""))
        #expect(
            try fault(changed(Forge.p256.jwk(), "x", JSON(base64url(Array(x.dropFirst()))))) == .coordinateLength("x"))
        #expect(try fault(changed(Forge.p256.jwk(), "y", JSON(base64url([0] + x)))) == .coordinateLength("y"))
        #expect(
            try fault(changed(Forge.ed25519.jwk(), "x", JSON(base64url(Array(x.dropLast()))))) == .coordinateLength("x")
        )
        #expect(try fault(changed(Forge.p256.jwk(), "crv", "P-384")) == .coordinateLength("x"))
    }

    @Test(arguments: [
        ["kty": "AKP", "alg": "ML-DSA-44"] as JSON, ["kty": "rsa"], [:], ["kty": 1],
    ])
    func `a key of unknown type is left out`(jwk: JSON) throws {
        #expect(try fault(jwk) == .unknownType)
    }

    @Test func `curves that Berth does not verify with are left out`() throws {
        #expect(try fault(changed(Forge.p256.jwk(), "crv", "secp256k1")) == .unknownCurve)
        #expect(try fault(changed(Forge.ed25519.jwk(), "crv", "X25519")) == .unknownCurve)
    }

    @Test(arguments: ["n", "e"])
    func `a member that is missing, empty or no base64url is a fault of that key`(name: String) throws {
        for value in [nil, "", "A===", 65537, "+/+/"] as [JSON?] {
            #expect(try fault(changed(Forge.rsa.jwk(), name, value)) == .memberUnreadable(name))
        }
    }

    @Test func `an alg that the key cannot have is refused`() throws {
        #expect(try fault(Forge.p384.jwk(alg: "ES256")) == .unknownAlgorithm)
        #expect(try fault(Forge.rsa.jwk(alg: "HS256")) == .unknownAlgorithm)
        #expect(try fault(Forge.rsa.jwk(alg: "rs256")) == .unknownAlgorithm)
        #expect(try fault(changed(Forge.rsa.jwk(), "alg", 1)) == .unknownAlgorithm)
    }

    @Test func `of two keys with one id the first counts, unless their algorithms tell them apart`() throws {
        let set = try Forge.set(Forge.rsa.jwk(kid: "k"), Forge.otherRSA.jwk(kid: "k"), Forge.p256.jwk(kid: "k"))
        #expect(set.skipped.map(\.position) == [1] && set.skipped.map(\.reason) == [.keyIDRepeated])
        #expect(Forge.fault(Forge.rsa.token(["alg": "RS256", "kid": "k"], Forge.claims), keys: set) == nil)
        #expect(Forge.fault(Forge.p256.token(["alg": "ES256", "kid": "k"], Forge.claims), keys: set) == nil)
        let later = Forge.otherRSA.token(["alg": "RS256", "kid": "k"], Forge.claims)
        #expect(Forge.fault(later, keys: set) == .signatureInvalid)
    }

    @Test func `ids are told apart byte by byte, and have a bound`() throws {
        let set = try Forge.set(Forge.rsa.jwk(kid: "caf\u{E9}"), Forge.otherRSA.jwk(kid: "cafe\u{301}"))
        #expect(set.keys.count == 2)
        #expect(try fault(Forge.rsa.jwk(kid: String(repeating: "k", count: 257))) == .keyIDUnusable)
        #expect(try fault(Forge.rsa.jwk(kid: "")) == .keyIDUnusable)
        #expect(try fault(changed(Forge.rsa.jwk(), "kid", 1)) == .keyIDUnusable)
    }

    @Test func `a set of very many keys is read up to a bound`() throws {
        let set = try KeySet(["keys": JSON((0..<1000).map { Forge.ed25519.jwk(kid: "k\($0)") })])
        #expect(set.keys.count == KeySet.keysMost)
        #expect(set.skipped.map(\.position) == [KeySet.keysMost] && set.skipped.map(\.reason) == [.tooMany])
    }

    @Test(arguments: ["", "<html>login</html>", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, "null"])
    func `what is no key set is an error of the whole document`(text: String) {
        #expect(throws: KeySetError.self) { try KeySet(parsing: Array(text.utf8)) }
    }

    @Test func `a document above a mebibyte or nested deep is no key set`() {
        let large = #"{"keys":["# + String(repeating: "0,", count: 600_000) + "0]}"
        #expect(throws: KeySetError.self) { try KeySet(parsing: Array(large.utf8)) }
        let deep = #"{"keys":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}"
        #expect(throws: KeySetError.self) { try KeySet(parsing: Array(deep.utf8)) }
    }
}
