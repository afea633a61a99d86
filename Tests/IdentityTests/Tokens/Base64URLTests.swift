// SPDX-License-Identifier: Apache-2.0
import Identity
import Testing
import TokenForge

struct Base64URLTests {
    @Test(arguments: [
        ("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
        ("Zm9vYmFy", "foobar"), ("-_-_", "\u{FB}\u{FF}\u{BF}"),
    ])
    func `RFC 4648's examples are read, without their padding`(text: String, plain: String) {
        #expect(Base64URL.decode(text) == plain.unicodeScalars.map { UInt8($0.value) })
    }

    @Test(arguments: [
        "Zg==", "Zm8=", "Zm9v=", "A", "Zm9vY", "Zm 9", "Zm9\n", "Zm9v\n", "+_-_", "/_-_", "Zh", "Zm9", "Zm9vYmF",
        "Zm9vé",
        "\0m9v", "Zm9v.", "Z===",
    ])
    func `any other spelling is refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `what was encoded is read back, for every length and every byte`() {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            #expect(Base64URL.decode(base64url(bytes)) == bytes)
        }
    }

    @Test func `two texts never stand for the same bytes`() {
        var seen: Set<[UInt8]> = []
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n.")
        for first in letters {
            for second in letters {
                guard let bytes = Base64URL.decode("\(first)\(second)") else { continue }
                #expect(seen.insert(bytes).inserted, "\(first)\(second)")
            }
        }
        #expect(seen.count == 256)
    }
}
