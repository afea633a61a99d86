// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct JSONPatchTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let document: String
        let patch: String
        /// nil where the patch has to fail.
        let result: String?
        var testDescription: String { name }
    }

    private static func patched(_ document: String, _ patch: String) throws -> JSON {
        try JSONPatch(JSON(parsing: patch)).applied(to: JSON(parsing: document))
    }

    private static func failure(_ document: String, _ patch: String) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONPatch(JSON(parsing: patch)).applied(to: JSON(parsing: document))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: appendixA)
    func `the RFC's examples do what it says`(_ example: Example) throws {
        guard let result = example.result else {
            #expect(Self.failure(example.document, example.patch) != nil)
            return
        }
        let patched = try Self.patched(example.document, example.patch)
        #expect(patched.isEquivalent(to: try JSON(parsing: result)))
    }

    @Test func `a patch reads and writes as the same operations`() throws {
        let text = #"""
            [{"op":"add","path":"/a~1b","value":[1.0]},{"op":"remove","path":""},{"op":"replace","path":"/x","value":null},\#
            {"op":"move","from":"/a","path":"/b"},{"op":"copy","from":"/a","path":"/b"},\#
            {"op":"test","path":"/é","value":{"k":"\u0041"}}]
            """#
        let patch = try JSONPatch(JSON(parsing: text))
        #expect(patch.operations.count == 6)
        #expect(patch.json.text == text)
        #expect(try JSONPatch(patch.json) == patch)
    }

    @Test(
        arguments: [
            ("{}", nil), ("null", nil), ("[1]", 0), (#"[{"op":"add"}]"#, 0), (#"[{"op":"add","path":"/a"}]"#, 0),
            (#"[{"path":"/a","value":1}]"#, 0), (#"[{"op":"ADD","path":"/a","value":1}]"#, 0),
            (#"[{"op":"remove","path":"/a"},{"op":"remove","path":"a"}]"#, 1),
            (#"[{"op":"move","path":"/a"}]"#, 0), (#"[{"op":"copy","path":"/a","from":1}]"#, 0),
            (#"[{"op":"test","path":"/a"}]"#, 0), (#"[{"op":"replace","path":"/a"}]"#, 0),
        ] as [(String, Int?)]
    )
    func `what is not a patch is refused with the operation at fault`(_ text: String, operation: Int?) throws {
        let error = #expect(throws: JSONError.self) { try JSONPatch(JSON(parsing: text)) }
        guard case .patchMalformed(operation, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"op":"remove","path":"/b"}"#, "/b", #"there is nothing at "/b""#),
        (#"{"a":1}"#, #"{"op":"remove","path":""}"#, "", "the whole document cannot be removed"),
        (#"{"a":1}"#, #"{"op":"replace","path":"/b","value":1}"#, "/b", #"there is nothing at "/b""#),
        (#"{"a":1}"#, #"{"op":"add","path":"/b/c","value":1}"#, "/b/c", #"there is nothing at "/b""#),
        (#"{"a":1}"#, #"{"op":"add","path":"/a/c","value":1}"#, "/a/c", "there is no object or array to put it in"),
        (#"[1]"#, #"{"op":"add","path":"/2","value":1}"#, "/2", "the array has only 1 elements"),
        (#"[1]"#, #"{"op":"add","path":"/01","value":1}"#, "/01", "not an index of an array"),
        (#"[1]"#, #"{"op":"remove","path":"/-"}"#, "/-", #"there is nothing at "/-""#),
        (#"[1]"#, #"{"op":"test","path":"/0","value":2}"#, "/0", "the value is another one"),
        (#"{"a":{"b":1}}"#, #"{"op":"move","from":"/a","path":"/a/b"}"#, "/a/b", "a value cannot be moved into itself"),
        (#"{"a":{"b":1}}"#, #"{"op":"move","from":"","path":"/a"}"#, "/a", "a value cannot be moved into itself"),
        (#"{"a":1}"#, #"{"op":"move","from":"/b","path":"/b"}"#, "/b", #"there is nothing at "/b""#),
        (#"{"a":1}"#, #"{"op":"copy","from":"/b","path":"/a"}"#, "/a", #"there is nothing at "/b""#),
    ])
    func `what cannot be carried out names the operation, its path and why`(
        _ document: String,
        _ operation: String,
        path: String,
        reason: String
    ) {
        let patch = #"[{"op":"test","path":"","value":\#(document)},\#(operation)]"#
        #expect(Self.failure(document, patch) == .patchFailed(operation: 1, path: path, reason: reason))
    }

    @Test func `a document is as it was when a later operation fails`() throws {
        let document = try JSON(parsing: #"{"a":[1,2]}"#)
        let patch = try JSONPatch(
            JSON(
                parsing:
                    #"[{"op":"remove","path":"/a/0"},{"op":"add","path":"/b","value":1},{"op":"remove","path":"/c"}]"#
            )
        )
        #expect(throws: JSONError.self) { try patch.applied(to: document) }
        #expect(document.text == #"{"a":[1,2]}"#)
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"op":"add","path":"/a","value":3}"#, #"{"a":3,"b":2}"#),
        (#"{"a":1}"#, #"{"op":"add","path":"","value":[]}"#, "[]"),
        (#"{"a":1}"#, #"{"op":"replace","path":"","value":null}"#, "null"),
        (#"{"a":{"b":1}}"#, #"{"op":"move","from":"/a","path":""}"#, #"{"b":1}"#),
        (#"{"a":{"b":1}}"#, #"{"op":"copy","from":"","path":"/a/c"}"#, #"{"a":{"b":1,"c":{"a":{"b":1}}}}"#),
        (#"{"a":{"b":1}}"#, #"{"op":"move","from":"/a/b","path":"/a"}"#, #"{"a":1}"#),
        (#"{"a":1,"b":2}"#, #"{"op":"move","from":"/a","path":"/a"}"#, #"{"a":1,"b":2}"#),
        (#"{"a":1,"ab":2}"#, #"{"op":"move","from":"/a","path":"/ab"}"#, #"{"ab":1}"#),
        ("[1,2,3]", #"{"op":"move","from":"/0","path":"/2"}"#, "[2,3,1]"),
        ("[1,2,3]", #"{"op":"move","from":"/2","path":"/0"}"#, "[3,1,2]"),
        ("[1]", #"{"op":"add","path":"/1","value":2}"#, "[1,2]"),
        (#"{"a":1}"#, #"{"op":"add","path":"/","value":2}"#, #"{"a":1,"":2}"#),
        (#"{"1":1}"#, #"{"op":"add","path":"/-","value":2}"#, #"{"1":1,"-":2}"#),
        (#"{"a": 1.10, "b": [ ]}"#, #"{"op":"remove","path":"/a"}"#, #"{"b":[ ]}"#),
    ])
    func `the less usual operations do what the RFC says`(
        _ document: String,
        _ operation: String,
        result: String
    ) throws {
        #expect(try Self.patched(document, "[\(operation)]").text == result)
    }

    @Test(arguments: [
        ("1", "1.0", true), ("100", "1e2", true), ("0", "-0.00", true), ("0.1", "10e-2", true), ("1", "1.01", false),
        ("1", "-1", false), ("18446744073709551615", "18446744073709551616", false), ("1e400", "10e399", true),
        ("1e99999999999999999999", "1e99999999999999999999", true), ("1", "true", false), ("0", "false", false),
        ("0", "null", false), (#"{"a":1,"b":[2]}"#, #"{"b":[2.0],"a":1}"#, true), ("[1,2]", "[2,1]", false),
        (#"{"a":1}"#, #"{"a":1,"b":1}"#, false), (#"{"a":1}"#, #"{"b":1}"#, false), (#""a""#, #""\u0061""#, true),
        (#""\u00e9""#, #""e\u0301""#, false), ("null", "null", true), ("[]", "{}", false),
    ])
    func `test compares numbers by value and members in any order`(_ a: String, _ b: String, same: Bool) {
        for (document, value) in [(a, b), (b, a)] {
            let failure = Self.failure("[\(document)]", #"[{"op":"test","path":"/0","value":\#(value)}]"#)
            #expect((failure == nil) == same)
        }
    }

    @Test func `a patch that copies what it copied is stopped before it grows without bound`() throws {
        let copies = Array(repeating: #"{"op":"copy","from":"","path":"/-"}"#, count: 100).joined(separator: ",")
        let patch = try JSONPatch(JSON(parsing: "[\(copies)]"))
        let error = #expect(throws: JSONError.self) {
            try patch.applied(to: ["0123456789"], limits: JSONLimits(bytesMax: 10_000))
        }
        #expect(error == .patchFailed(operation: 9, path: "/-", reason: "the patch copies more than 10000 bytes"))
    }

    @Test func `a patch cannot nest deeper than a text may`() throws {
        let path = String(repeating: "/0", count: 127)
        let nested = String(repeating: "[", count: 127) + "1" + String(repeating: "]", count: 127)
        #expect(try Self.patched(nested, #"[{"op":"replace","path":"\#(path)","value":[]}]"#).kind == .array)
        #expect(Self.failure(nested, #"[{"op":"replace","path":"\#(path)","value":[[]]}]"#) != nil)
        #expect(Self.failure(nested, #"[{"op":"copy","from":"","path":"/0/0"}]"#) != nil)
    }
}
