// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct WritingTests {
    @Test func `literals write as they read`() {
        let json: JSON = ["b": [1, -2, true, nil], "a": ["": "x\(1)"], "e": [:], "l": []]
        #expect(json.text == #"{"b":[1,-2,true,null],"a":{"":"x1"},"e":{},"l":[]}"#)
    }

    @Test func `a built string escapes what it must and nothing else`() {
        #expect(JSON("\"\\\u{8}\u{c}\n\r\t\u{1}\u{1f}").text == #""\"\\\b\f\n\r\t\u0001\u001f""#)
        #expect(JSON("/é€😀\u{7f}\u{2028}").text == "\"/é€😀\u{7f}\u{2028}\"")
        for place in 0..<24 {
            var text = String(repeating: "é", count: place)
            text += "\"" + String(repeating: "x", count: 24 - place)
            #expect(
                JSON(text).text == "\""
                    + text.split(separator: "\"", omittingEmptySubsequences: false)
                    .joined(separator: "\\\"") + "\""
            )
        }
    }

    @Test func `an escape is seen at any place of a string of any length`() {
        for count in 1..<40 {
            for place in 0..<count {
                for (byte, escape) in [("\"", #"\""#), ("\\", #"\\"#), ("\u{1F}", #"\u001f"#)] {
                    let start = String(repeating: "x", count: place)
                    let end = String(repeating: "~", count: count - place - 1)
                    #expect(JSON(start + byte + end).text == "\"" + start + escape + end + "\"")
                }
            }
        }
    }

    @Test(arguments: [0, 1, 8_190, 16_380, 16_381, 16_382, 32_768, 100_000])
    func `a text of any length is written whole`(count: Int) {
        let text = String(repeating: "x", count: count)
        #expect(JSON([JSON(text), JSON(text)]).text == "[\"\(text)\",\"\(text)\"]")
    }

    @Test func `pretty puts each member on its line and keeps spelling`() throws {
        let expected = """
            {
              "a": 1.10,
              "b": [
                "\\u0041",
                {
                  "c": null
                }
              ],
              "d": {},
              "e": []
            }
            """
        let parsed = try JSON(parsing: #"{"a":1.10,"b":["\u0041",{"c":null}],"d":{ },"e":[ ]}"#)
        #expect(parsed.pretty == expected)
        #expect(try JSON(parsing: expected).pretty == expected)
        #expect(JSON("x").pretty == "\"x\"")
    }

    @Test func `an error says what and where in plain English`() {
        func said(_ text: String) -> String {
            do { return try JSON(parsing: text).text } catch { return "\(error)" }
        }
        #expect(said("[1,]") == "not valid JSON at byte 3: expected a value")
        #expect(said(#"{"a":1,"a":1}"#) == #"not acceptable JSON at byte 7: the object has another member named "a""#)
        #expect(
            said(String(repeating: "[", count: 129))
                == "not acceptable JSON at byte 128: arrays and objects are nested more than 128 deep"
        )
        let long = String(repeating: "k", count: 1000)
        #expect(said(#"{"\#(long)":1,"\#(long)":1}"#).utf8.count < 200)
    }
}
