// SPDX-License-Identifier: Apache-2.0
import Identity
import Testing

struct ClaimPathTests {
    @Test(arguments: [
        ("groups", ["groups"]), ("realm_access.roles", ["realm_access", "roles"]),
        (#"resource_access.jupyter\.example\.org.roles"#, ["resource_access", "jupyter.example.org", "roles"]),
        ("/resource_access/jupyter.example.org/roles", ["resource_access", "jupyter.example.org", "roles"]),
        (#"a\\b"#, [#"a\b"#]), ("/a~1b/c~0d", ["a/b", "c~d"]), (#"wlcg\.groups"#, ["wlcg.groups"]),
        ("a.cafe\u{301}", ["a", "cafe\u{301}"]), ("cognito:groups", ["cognito:groups"]),
    ]) func `a path is names joined by dots, or a JSON pointer`(text: String, names: [String]) throws {
        #expect(try ClaimPath(text).names == names)
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", #"a\"#, #"a\b"#, "/", "/a/", "/a~2"])
    func `a path with an empty name or an odd escape is refused`(text: String) {
        #expect(throws: IdentityError.badPath(text)) { try ClaimPath(text) }
    }

    @Test func `a path reads back as the pointer that says the same`() throws {
        let path = try ClaimPath(#"resource_access.jupyter\.example\.org.roles"#)
        #expect(path.description == "/resource_access/jupyter.example.org/roles")
        #expect(try ClaimPath(path.description) == path)
    }
}
