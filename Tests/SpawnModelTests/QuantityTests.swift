// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("2", "2.0"), ("500m", "0.5"), ("1e3", "1k"), ("1E3", "1000"), ("1Ki", "1024"), ("64Mi", "67108864"),
        ("1.5Gi", "1610612736"), (".5", "500m"), ("5.", "5"), ("+1", "1"), ("100u", "0.1m"), ("1n", "0.001u"),
        ("129e6", "129M"), ("12E", "12000P"), ("1e-3", "1m"), ("0", "0.000"), ("-1", "-1000m"),
    ])
    func `spellings of one size are equal`(_ a: String, _ b: String) {
        #expect(Quantity(a) != nil)
        #expect(Quantity(a) == Quantity(b))
    }

    @Test(arguments: ["", ".", "-", "1 ", "1mi", "1K", "1ki", "0x1", "1e", "e3", "1..2", "1.2.3", "1e999", "٣", "1Ei1"])
    func `what is no quantity is none`(_ text: String) { #expect(Quantity(text) == nil) }

    @Test func `too much for any machine is none, not another number`() {
        #expect(Quantity(String(repeating: "9", count: 60)) == nil)
        #expect(Quantity("99999999999999999999999999999Ei") == nil)
        #expect(Quantity("9e38") == nil)
    }

    @Test func `what is finer than a billionth is rounded up`() {
        #expect(Quantity("0.0000000001") == Quantity("1n"))
        #expect(Quantity("1e-60") == Quantity("1n"))
        #expect(Quantity("1.0000000001") == Quantity("1.000000001"))
    }

    @Test func `numbers and strings of JSON are read alike`() throws {
        #expect(try Quantity(JSON(parsing: "2.0")) == Quantity(2))
        #expect(try Quantity(JSON(parsing: #""2""#)) == Quantity(2))
        #expect(try Quantity(JSON(parsing: "null")) == nil)
        #expect(try Quantity(JSON(parsing: "true")) == nil)
    }

    @Test func `sizes are ordered and rounded as the API server does`() {
        #expect(Quantity("1.5")?.roundedDown == 1)
        #expect(Quantity("1.5")?.roundedUp == 2)
        #expect(Quantity("0")?.roundedUp == 0)
        #expect(Quantity("0.0001")?.milliRoundedUp == 1)
        #expect(Quantity(1) < Quantity(2))
    }
}
