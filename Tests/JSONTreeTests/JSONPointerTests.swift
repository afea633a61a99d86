// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

struct JSONPointerTests {
    /// RFC 6901 section 5.
    static let document = #"""
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """#

    @Test(arguments: [
        ("", document), ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"),
        ("/e^f", "3"), ("/g|h", "4"), (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"),
    ])
    func `the RFC's examples name what it says, and are written back the same`(_ text: String, value: String) throws {
        let pointer = try JSONPointer(text)
        #expect(try JSON(parsing: Self.document).value(at: pointer)?.text == value)
        #expect(PlainJSON(try JSON(parsing: Self.document)).built.value(at: pointer) == (try JSON(parsing: value)))
        #expect(pointer.description == text)
    }

    @Test(arguments: [
        "/bar", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/-1", "/foo/1e0", "/foo/ 1", "/foo/١",
        "/foo/99999999999999999999", "/foo/0/0", "/foo/", "//", "/m~0n/0", "/foo/1 ",
    ])
    func `a pointer to nothing names nothing`(_ text: String) throws {
        #expect(try JSON(parsing: Self.document).value(at: JSONPointer(text)) == .none)
    }

    @Test(arguments: ["a", "a/b", " /a", "#/a", "/~", "/~2", "/a~", "/~~0", "/a~/b"])
    func `what is not a pointer is refused`(_ text: String) {
        let error = #expect(throws: JSONError.self) { try JSONPointer(text) }
        guard case .pointer(text, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `escapes are resolved once, and a slash is one whatever follows it`() throws {
        #expect(try JSONPointer("/~01/~10/~0~1").tokens == ["~1", "/0", "~/"])
        #expect(try JSONPointer("/a/\u{301}b").tokens.count == 2)
        #expect(JSONPointer(tokens: ["~1", "/0", "", "é"]).description == "/~01/~10//é")
        #expect(JSONPointer(tokens: ["a"]).appending("b/c").description == "/a/b~1c")
    }

    @Test func `a number in a pointer is a key where an object stands`() throws {
        let json = try JSON(parsing: #"{"0":{"-":"x"},"01":"y"}"#)
        #expect(try json.value(at: JSONPointer("/0/-"))?.string == "x")
        #expect(try json.value(at: JSONPointer("/01"))?.string == "y")
    }
}
