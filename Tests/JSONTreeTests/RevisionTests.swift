// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import JSONTree

/// Changes that stand aside of what was parsed mean the same as changes made in it.
struct RevisionTests {
    @Test func `a revised object is written with its changes in place and what is new at its end`() throws {
        let json = try JSON(parsing: #"{ "a": 1.0, "\u0062": [ 1 ], "c": null }"#)
        var revision = JSONRevision(of: json)
        revision["d"] = "x"
        revision["a"] = 2
        revision["c"] = nil
        #expect(revision["a"] == 2)
        #expect(revision["b"] == [1])
        #expect(revision["c"] == nil)
        #expect(revision.json.text == #"{"a":2,"\u0062":[ 1 ],"d":"x"}"#)
        #expect(revision.json.keys == ["a", "b", "d"])
    }

    @Test func `an object without its last parsed member has no comma too many`() throws {
        var revision = JSONRevision(of: try JSON(parsing: #"{"a": 1}"#))
        revision["a"] = nil
        #expect(revision.json.text == "{}")
        revision["b"] = 1
        #expect(revision.json.text == #"{"b":1}"#)
        revision["a"] = 3
        #expect(revision.json.text == #"{"a": 3,"b":1}"#)
    }

    @Test func `an object that was not parsed can be revised too`() {
        var revision = JSONRevision(of: ["a": 1])
        revision["b"] = 2
        revision["a"] = nil
        #expect(revision.json == ["b": 2])
    }

    @Test func `a revised object is read, compared and changed like any other`() throws {
        var revision = JSONRevision(of: try JSON(parsing: #"{"a": {"x": 1}}"#))
        revision["b"] = 2
        var json = revision.json
        #expect(json == ["a": ["x": 1], "b": 2])
        #expect(json["a"]?["x"] == 1)
        #expect(json["z"] == nil)
        json["a"]?["x"] = nil
        json["b"] = 3
        #expect(json.text == #"{"a":{},"b":3}"#)
        #expect(json.pretty == "{\n  \"a\": {},\n  \"b\": 3\n}")
    }

    @Test func `an array with more at its end is read, compared and changed like any other`() throws {
        let parsed = try JSON(parsing: "[ 1,  2 ]")
        var json = parsed.appending([3, "x"])
        #expect(json.text == #"[ 1,  2,3,"x"]"#)
        #expect(json == [1, 2, 3, "x"])
        #expect(json.kind == .array)
        #expect(json[3] == "x")
        #expect(json[4] == nil)
        json[0] = nil
        #expect(json == [2, 3, "x"])
        #expect(try JSON(parsing: "[ ]").appending([1]).text == "[1]")
        #expect(parsed.appending([]).text == "[ 1,  2 ]")
    }

    @Test func `names are found however they are written, first or with a letter more`() throws {
        let list = try JSON(parsing: #"[7, {"n": "a"}, {"n": "\u0061"}, {"n": 1}, {"n": "b\/"}, {"n": "c/"}]"#)
        var names = JSONNames(list, member: "n")
        let slash = UInt8(ascii: "/")
        let (same, empty) = (names.indices(of: "a"), names.firstIndex(of: ""))
        #expect(same == [1, 2] && empty == nil)
        let withSlash = ["b", "c"].map { names.firstIndex(of: $0, followedBy: slash) }
        #expect(withSlash == [4, 5])
        let contained = ["c", "c/x"].map { names.containsAny(of: ["x", $0], orWith: slash) }
        #expect(contained == [true, false])
        var none = JSONNames(nil, member: "n")
        let found = none.indices(of: "a")
        #expect(found == [])
    }

    @Test(arguments: [1, 62, 63, 64, 200]) func `one of several names is found, however long`(length: Int) throws {
        let name = String(repeating: "x", count: length)
        let slash = UInt8(ascii: "/")
        let names = JSONNames(JSON([["n": JSON(name)]]).packed, member: "n")
        #expect(names.containsAny(of: ["other", name]) && names.containsAny(of: [name], orWith: slash))
        #expect(!names.containsAny(of: ["other", name.dropLast() + "y", name + "x"], orWith: slash))
        let longer = JSONNames(JSON([["n": JSON(name + "/")]]).packed, member: "n")
        #expect(longer.containsAny(of: ["other", name], orWith: slash) && !longer.containsAny(of: ["other", name]))
    }

    @Test func `a packed value is the same value`() {
        let json: JSON = ["a": [1, "é\n", nil], "b": [:]]
        #expect(json.packed == json)
        #expect(json.packed.text == json.text)
        #expect(json.packed.isEquivalent(to: json))
    }
}
