// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct EqualityTests {
    @Test(arguments: [
        (#"{"a":[1,"x",null,true]}"#, #" { "a" : [ 1 , "\u0078" , null , true ] } "#),
        (#""é""#, #""\u00e9""#), (#"{"é":1}"#, #"{"\u00e9":1}"#), ("[]", "[ ]"), ("{}", "{ }"), ("1", " 1"),
    ])
    func `spelling of space and escapes makes no difference`(_ a: String, _ b: String) throws {
        let (a, b) = (try JSON(parsing: a), try JSON(parsing: b))
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(PlainJSON(a).built == b)
        #expect(PlainJSON(a).built.hashValue == b.hashValue)
    }

    @Test(arguments: [
        ("1", "1.0"), ("1e5", "1E5"), ("0", "-0"), (#""1""#, "1"), ("null", "false"), ("[]", "{}"), ("[1,2]", "[2,1]"),
        (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), (#"{"a":1}"#, #"{"b":1}"#), ("[1]", "[1,1]"), ("[]", "[null]"),
        (#""\u00e9""#, #""e\u0301""#), (#"{"\u00e9":1}"#, #"{"e\u0301":1}"#), (#""\u212b""#, #""A\u030a""#),
        ("true", "false"), (#""a""#, #""A""#),
    ])
    func `kind, number spelling, order and code points make a difference`(_ a: String, _ b: String) throws {
        let (a, b) = (try JSON(parsing: a), try JSON(parsing: b))
        #expect(a != b)
        #expect(PlainJSON(a).built != b)
        #expect(PlainJSON(a).built != PlainJSON(b).built)
    }

    @Test(arguments: SeededRandom.seeds)
    func `a parsed value equals the same value built, and hashes like it`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<150 {
            let plain = PlainJSON.random(size: 20, using: &random)
            let other = PlainJSON.random(size: 20, using: &random)
            let parsed = try JSON(parsing: plain.text(using: &random))
            #expect(parsed == plain.built && plain.built == parsed, "seed \(seed)")
            #expect(try JSON(parsing: plain.text(using: &random)) == parsed, "seed \(seed)")
            #expect(parsed.hashValue == plain.built.hashValue, "seed \(seed)")
            #expect((parsed == other.built) == (plain == other), "seed \(seed)")
        }
    }
}
