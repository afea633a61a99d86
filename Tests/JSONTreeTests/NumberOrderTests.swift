// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct NumberOrderTests {
    /// Ascending; each below all that follow.
    static let ascending = [
        "-1e400", "-12345678901234567890", "-10", "-9.5", "-1", "-0.5", "-1e-400", "0", "1e-400", "0.5", "0.55", "1",
        "9.5", "10", "10.0000000000000000001", "9007199254740992", "9007199254740993", "1e400", "1.1e400",
    ]

    @Test func `numbers are ordered by value, never rounded`() throws {
        let numbers = try Self.ascending.map { try JSON(parsing: $0) }
        for (i, a) in numbers.enumerated() {
            for (j, b) in numbers.enumerated() { #expect(a.isBelow(b) == (i < j), "\(a.text) and \(b.text)") }
        }
    }

    @Test(arguments: [("1.0", "1"), ("1e2", "100"), ("-0", "0"), ("0e5", "0.0")])
    func `two spellings of one value are neither below the other`(a: String, b: String) throws {
        #expect(try JSON(parsing: a).isBelow(try JSON(parsing: b)) == false)
        #expect(try JSON(parsing: b).isBelow(try JSON(parsing: a)) == false)
    }

    @Test func `what is no number has no order`() {
        #expect(JSON("1").isBelow(2) == nil)
        #expect(JSON(1).isBelow(.null) == nil)
    }
}
