// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

/// What RFC 8259 allows and forbids, and where a fault is said to be.
struct AcceptanceTests {
    @Test(arguments: [
        "0", "-0", "1", "-12", "0.5", "1e5", "1E+5", "1e-5", "-0.0e-0", "123456789012345678901234567890",
        "true", "false", "null", #""""#, #""a""#, "[]", "{}", "[[]]", "[{}]", #"{"":0}"#, " [ ] ", "\t\r\n 1 \n",
        "[1,2 , 3]", #"{"a":1, "b" :2}"#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u00E9""#,
        #""\ud83d\ude00""#, #""\uDBFF\uDFFF""#, "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
        #"{"a":{"a":{"a":1}}}"#, "{\"\u{e9}\":1,\"e\u{301}\":2}", #"{"a":1,"A":2}"#,
    ])
    func `a text that the RFC allows is accepted and written back`(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(json.text == text.trimmed)
        #expect(PlainParser.parse(Array(text.utf8)) == PlainJSON(json))
    }

    @Test(arguments: [
        ("", 0, "the text ends here; expected a value"),
        ("  ", 2, "the text ends here; expected a value"),
        ("\u{FEFF}1", 0, "a byte order mark is not allowed"),
        ("1 2", 2, "nothing may follow the value"),
        ("[]]", 2, "nothing may follow the value"),
        ("{}\0", 2, "nothing may follow the value"),
        ("[1,]", 3, "expected a value"),
        ("[,1]", 1, "expected a value"),
        ("[1 2]", 3, "expected a comma or the end of the array"),
        ("[1}", 2, "expected a comma or the end of the array"),
        ("[", 1, "the text ends here; expected a value"),
        ("[1", 2, "the text ends here; expected a comma or the end of the array"),
        ("]", 0, "expected a value"),
        (#"{"a":1,}"#, 7, "expected a key in double quotes"),
        ("{a:1}", 1, "expected a key in double quotes"),
        ("{'a':1}", 1, "expected a key in double quotes"),
        ("{1:1}", 1, "expected a key in double quotes"),
        (#"{"a" 1}"#, 5, "expected a colon after the key"),
        (#"{"a",1}"#, 4, "expected a colon after the key"),
        (#"{"a":}"#, 5, "expected a value"),
        (#"{"a":1]"#, 6, "expected a comma or the end of the object"),
        (#"{"a":1 "b":2}"#, 7, "expected a comma or the end of the object"),
        (#"{"a""#, 4, "the text ends here; expected a colon after the key"),
        ("NaN", 0, "expected a value"),
        ("Infinity", 0, "expected a value"),
        ("-Infinity", 1, "expected a digit"),
        ("nul", 3, "the text ends here; expected null"),
        ("nulL", 3, "expected null"),
        ("True", 0, "expected a value"),
        ("truex", 4, "nothing may follow the value"),
        ("+1", 0, "expected a value"),
        (".5", 0, "expected a value"),
        ("01", 1, "a number has no leading zeros"),
        ("-01", 2, "a number has no leading zeros"),
        ("1.", 2, "the text ends here; expected a digit"),
        ("1.e5", 2, "expected a digit"),
        ("1e", 2, "the text ends here; expected a digit"),
        ("1e+", 3, "the text ends here; expected a digit"),
        ("-", 1, "the text ends here; expected a digit"),
        ("0x10", 1, "nothing may follow the value"),
        ("1_000", 1, "nothing may follow the value"),
        (#"""#, 1, "the text ends here; expected the end of the string"),
        (#""abcdefghijklmnopqrstuvwxyz"#, 27, "the text ends here; expected the end of the string"),
        ("\"a\tb\"", 2, "a control character in a string must be escaped"),
        ("\"abcdefghijklmnop\nb\"", 17, "a control character in a string must be escaped"),
        ("\"\0\"", 1, "a control character in a string must be escaped"),
        (#""a\x""#, 2, "no such escape"),
        (#""\'""#, 1, "no such escape"),
        (#""\"#, 2, "the text ends here; expected an escape"),
        (#""\u12"#, 5, "the text ends here; expected four hexadecimal digits"),
        (#""\u12G4""#, 1, "\\u needs four hexadecimal digits"),
        (#""a\ud800""#, 2, "a surrogate without its partner stands for no character"),
        (#""\ud800\n""#, 1, "a surrogate without its partner stands for no character"),
        (#""\ud800\u0041""#, 1, "a surrogate without its partner stands for no character"),
        (#""\ud800\ud800""#, 1, "a surrogate without its partner stands for no character"),
        (#""\udc00\ud800""#, 1, "a surrogate without its partner stands for no character"),
        ("/* no */ 1", 0, "expected a value"),
        ("[1] // no", 4, "nothing may follow the value"),
        ("\u{A0}1", 0, "expected a value"),
        ("\u{0C}1", 0, "expected a value"),
    ])
    func `a text that the RFC forbids is refused at its first wrong byte`(
        _ text: String,
        offset: Int,
        reason: String
    ) {
        #expect(throws: JSONError.malformed(offset: offset, reason: reason)) { try JSON(parsing: text) }
        #expect(PlainParser.parse(Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xE1, 0x80],
            [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80],
            [0xF1, 0x80, 0x80, 0x41], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func `ill-formed UTF-8 is refused where the character begins`(_ wrong: [UInt8]) {
        for filler in [0, 1, 7, 8, 15, 16, 40, 62, 63, 64, 65, 130] {
            let start = Array("\"".utf8) + [UInt8](repeating: 0x61, count: filler)
            #expect(throws: JSONError.malformed(offset: filler + 1, reason: "not valid UTF-8")) {
                try JSON(parsing: start + wrong + Array("\"".utf8))
            }
        }
    }

    @Test func `a character that the text's end cuts off is refused`() {
        #expect(throws: JSONError.malformed(offset: 1, reason: "not valid UTF-8")) {
            try JSON(parsing: [0x22, 0xE2, 0x82])
        }
    }

    @Test func `a control character, quote or backslash is seen at any place of a long string`() throws {
        for place in 0..<140 {
            var inside = [UInt8](repeating: 0x61, count: 140)
            for control in UInt8(0)..<0x20 {
                inside[place] = control
                #expect(throws: JSONError.self) { try JSON(parsing: [0x22] + inside + [0x22]) }
            }
            inside[place] = 0x22
            #expect(throws: JSONError.malformed(offset: place + 2, reason: "nothing may follow the value")) {
                try JSON(parsing: [0x22] + inside + [0x22])
            }
            inside[place] = 0x5C
            #expect(throws: JSONError.self) { try JSON(parsing: [0x22] + inside + [0x22]) }
        }
    }

    @Test func `128 levels are accepted and 129 refused at the bracket that is too many`() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        _ = try JSON(parsing: nested(128, "[", "]"))
        _ = try JSON(parsing: nested(128, #"{"a":"#, "}"))
        _ = try JSON(parsing: nested(64, #"[{"a":"#, "}]"))
        #expect(throws: JSONError.tooDeep(offset: 128, limit: 128)) { try JSON(parsing: nested(129, "[", "]")) }
        #expect(throws: JSONError.tooDeep(offset: 640, limit: 128)) {
            try JSON(parsing: nested(129, #"{"a":"#, "}"))
        }
        #expect(throws: JSONError.tooDeep(offset: 128, limit: 128)) {
            try JSON(parsing: String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func `limits can be set, and a scalar needs no level`() throws {
        _ = try JSON(parsing: "1", limits: JSONLimits(bytesMax: 1, depthMax: 0))
        #expect(throws: JSONError.tooLarge(bytes: 2, limit: 1)) {
            try JSON(parsing: "10", limits: JSONLimits(bytesMax: 1))
        }
        #expect(throws: JSONError.tooDeep(offset: 0, limit: 0)) {
            try JSON(parsing: "[]", limits: JSONLimits(depthMax: 0))
        }
    }

    @Test func `wide and deep documents beside one another are accepted`() throws {
        let row = "[" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "]"
        let json = try JSON(parsing: "[" + Array(repeating: row, count: 100).joined(separator: ",") + "]")
        #expect(json.array?.count == 100)
    }
}

extension String {
    /// Without JSON's space at both ends.
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { " \t\n\r\r\n".contains($0) }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
