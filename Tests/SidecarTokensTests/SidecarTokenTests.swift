// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Testing

@testable import SidecarTokens

struct SidecarTokenTests {
    private let noon = Instant(unixSeconds: 1_795_000_000)
    private let tokens = SidecarTokens([[UInt8](repeating: 7, count: 32)])
    private let pass = SidecarPass(
        reservationID: "r1", deployment: "production", namespace: "jupyter", pod: "jupyter-ada")

    @Test func `a token says for whom it speaks, until it expires`() throws {
        let token = tokens.token(for: pass, at: noon)
        #expect(try tokens.pass(inToken: token, at: noon + SidecarTokens.life + .seconds(-1)) == pass)
        #expect(throws: SidecarTokenError.expired) { try tokens.pass(inToken: token, at: noon + SidecarTokens.life) }
    }

    @Test func `a credential is the same each time, never expires by itself, and is good for one route`() throws {
        let credential = tokens.credential(for: pass)
        #expect(credential == tokens.credential(for: pass))
        #expect(try tokens.pass(inCredential: credential) == pass)
        #expect(throws: SidecarTokenError.otherUse) { try tokens.pass(inToken: credential, at: noon) }
        let token = tokens.token(for: pass, at: noon)
        #expect(throws: SidecarTokenError.otherUse) { try tokens.pass(inCredential: token) }
    }

    @Test func `a key that was changed is believed as the previous one, and no other is`() throws {
        let (new, old) = ([UInt8](repeating: 8, count: 32), [UInt8](repeating: 7, count: 32))
        let credential = tokens.credential(for: pass)
        #expect(try SidecarTokens([new, old]).pass(inCredential: credential) == pass)
        #expect(throws: SidecarTokenError.notOurs) { try SidecarTokens([new]).pass(inCredential: credential) }
        #expect(SidecarTokens([new, old]).credential(for: pass) == SidecarTokens([new]).credential(for: pass))
    }

    /// Of any length, and of every algorithm that libjwt would take.
    @Test(arguments: [
        "", ".", "..", "a.b.c", String(repeating: "a", count: 5000), "eyJ\u{0}.e.e",
        // {"alg":"none"} with our claims, and no signature.
        "eyJhbGciOiJub25lIn0.eyJhdWQiOiJiZXJ0aC1zaWRlY2FyIiwic3ViIjoicjEiLCJ1c2UiOiJjcmVkZW50aWFsIn0.",
    ])
    func `what is no token of ours is refused`(text: String) {
        #expect(throws: SidecarTokenError.self) { try tokens.pass(inCredential: text) }
    }

    @Test func `a signature by another algorithm under the same key is refused`() throws {
        #expect(throws: SidecarTokenError.notOurs) { try tokens.pass(inCredential: Self.hs512) }
    }

    @Test func `not one sign of a token can be changed`() {
        let credential = tokens.credential(for: pass)
        var bytes = Array(credential.utf8)
        for place in bytes.indices where place % 7 == 0 && bytes[place] != UInt8(ascii: ".") {
            let kept = bytes[place]
            bytes[place] = kept == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = String(decoding: bytes, as: UTF8.self)
            #expect(throws: SidecarTokenError.self, "\(place)") { try tokens.pass(inCredential: changed) }
            bytes[place] = kept
        }
    }

    @Test func `keys are printed by nothing`() {
        #expect("\(tokens)" == "(keys of sidecar tokens)" && String(reflecting: tokens) == "(keys of sidecar tokens)")
        #expect(Mirror(reflecting: tokens).children.isEmpty)
    }

    /// Our claims under HS512, by the key of `tokens`.
    private static let hs512 = [
        "eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJIUzUxMiJ9.",
        "eyJpc3MiOiAiYmVydGgiLCAiYXVkIjogImJlcnRoLXNpZGVjYXIiLCAidXNlIjogImNyZWRlbnRpYWwiLCAic3ViIjogInIxIiwg",
        "ImRlcGxveW1lbnQiOiAicHJvZHVjdGlvbiIsICJuYW1lc3BhY2UiOiAianVweXRlciIsICJwb2QiOiAianVweXRlci1hZGEifQ.",
        "8eqQ-QqzBe5vFiGRnxn0NFQLJb9wuDDlvIlteOPVhIm1fNGqPsmoDuzdgIyxFPNtoCraA-R4caZ6CAwdzZaftw",
    ].joined()
}
