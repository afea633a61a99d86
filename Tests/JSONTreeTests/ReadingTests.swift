// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct ReadingTests {
    @Test(
        arguments: [
            ("2", 2), ("2.0", 2), ("2e0", 2), ("20e-1", 2), ("0.2e1", 2), ("2.000e00", 2), ("-0", 0),
            ("0e99999999999999999999", 0),
            ("0.0", 0), ("-17", -17), ("1e18", 1_000_000_000_000_000_000), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9.223372036854775807e18", .max), ("1000000000000000000000e-21", 1),
            ("2.5", nil), ("25e-1", nil), ("1e-1", nil), ("9223372036854775808", nil), ("-9223372036854775809", nil),
            ("1e19", nil), ("1e400", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
            ("1e-9223372036854775808", nil), ("1e9223372036854775807", nil), ("123456789012345678901234567890", nil),
        ] as [(String, Int?)]
    )
    func `an integer is read when it is one exactly, however spelled`(_ spelling: String, expected: Int?) throws {
        #expect(try JSON(parsing: spelling).int == expected)
        #expect(JSON(numberSpelling: spelling)?.int == expected)
    }

    @Test func `each kind is read as itself and as no other`() throws {
        let parsed = try JSON(parsing: #"[null,true,1,"s",[],{}]"#).array!
        let built: [JSON] = [nil, true, 1, "s", [], [:]]
        for values in [parsed, built] {
            #expect(values.map(\.kind) == [.null, .bool, .number, .string, .array, .object])
            #expect(values.map(\.isNull) == [true, false, false, false, false, false])
            #expect(values.map(\.bool) == [nil, true, nil, nil, nil, nil])
            #expect(values.map(\.int) == [nil, nil, 1, nil, nil, nil])
            #expect(values.map(\.numberSpelling) == [nil, nil, "1", nil, nil, nil])
            #expect(values.map(\.string) == [nil, nil, nil, "s", nil, nil])
            #expect(values.map(\.array) == [nil, nil, nil, nil, [], nil])
            #expect(values.map(\.object) == [nil, nil, nil, nil, nil, JSONObject()])
        }
    }

    @Test func `a member or element of something that has none is absent`() throws {
        for text in ["null", "true", "1", #""s""#, "[]", "{}"] {
            let json = try JSON(parsing: text)
            #expect(json["a"] == nil)
            #expect(json[0] == nil)
            #expect(json[-1] == nil)
        }
        #expect(try JSON(parsing: "[1,2]")[2] == nil)
        #expect(try JSON(parsing: "[1,[2,3],4]")[2]?.int == 4)
    }

    @Test func `a key is found by its code points, escaped or not`() throws {
        let json = try JSON(parsing: #"{"e\u0301":1,"\u00e9":2,"\ud83d\ude00":3,"":4}"#)
        #expect(json["e\u{301}"]?.int == 1)
        #expect(json["\u{e9}"]?.int == 2)
        #expect(json["😀"]?.int == 3)
        #expect(json[""]?.int == 4)
        #expect(json.object?["\u{e9}"]?.int == 2)
        #expect(json.object?["e\u{301}"]?.int == 1)
    }

    @Test func `escapes are resolved`() throws {
        let json = try JSON(parsing: #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00-é€😀""#)
        #expect(json.string == "\"\\/\u{8}\u{c}\n\r\tAé€😀-é€😀")
    }

    @Test func `an object is walked in order`() throws {
        let object = try #require(try JSON(parsing: #"{"b":1,"a":[2]}"#).object)
        #expect(object.map(\.key) == ["b", "a"])
        #expect(object.map(\.value) == [1, [2]])
        #expect(object.count == 2 && !object.isEmpty)
    }
}
