// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@Test func `what is not touched is written back as it was`() throws {
    var json = try JSON(parsing: #"{"a": [1.10, 1E5], "b":{"c":null},"z" : "x"}"#)
    #expect(json["z"]?.string == "x")
    json["b"]?["d"] = 5
    #expect(json.text == #"{"a":[1.10, 1E5],"b":{"c":null,"d":5},"z":"x"}"#)
    json["b"] = nil
    #expect(json.text == #"{"a":[1.10, 1E5],"z":"x"}"#)
    json["a"]?.append("n")
    json["a"]?[0] = nil
    json["a"]?[0] = ["deep": [true, nil]]
    #expect(json.text == #"{"a":[{"deep":[true,null]},"n"],"z":"x"}"#)
}
