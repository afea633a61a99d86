// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

/// The answers are those of the reference parser `aarc-entitlement` 1.0.5 (class `G069`) on the same texts, but where
/// a test says otherwise; names are decoded here, which it leaves to its caller.
struct AARCEntitlementTests {
    @Test(
        arguments: [
            ("urn:geant:example.de:group:lab", "urn:geant:example.de", ["lab"], nil, nil),
            ("urn:geant:x:y:z:group:a:b:c:d:role=r#q", "urn:geant:x:y:z", ["a", "b", "c", "d"], "r", "q"),
            ("URN:GEANT:Example.DE:group:Lab#Auth", "urn:geant:example.de", ["Lab"], nil, "Auth"),
            ("urn:geant:x:group:a:group:b", "urn:geant:x:group:a", ["b"], nil, nil),
            ("urn:geant:x:group:group:lab", "urn:geant:x:group", ["lab"], nil, nil),
            ("urn:geant:x:group:group", "urn:geant:x", ["group"], nil, nil),
            ("urn:geant:x:group:lab:role=a:group:b", "urn:geant:x:group:lab:role=a", ["b"], nil, nil),
            ("urn:geant:x:group:lab:role=a:group", "urn:geant:x", ["lab"], "a:group", nil),
            ("urn:geant:x:group:lab:role=a::b", "urn:geant:x", ["lab"], "a::b", nil),
            ("urn:geant:x:group:lab:role=x:role=y", "urn:geant:x", ["lab"], "x:role=y", nil),
            ("urn:geant:x:group:lab:Role=admin", "urn:geant:x", ["lab", "Role=admin"], nil, nil),
            ("urn:geant:x:group:role=x", "urn:geant:x", ["role=x"], nil, nil),
            ("urn:geant:x:group:lab#a#b", "urn:geant:x", ["lab"], nil, "a#b"),
            ("urn:geant:x:group: lab", "urn:geant:x", [" lab"], nil, nil),
            ("urn:geant:x:group:lab?+c", "urn:geant:x", ["lab?+c"], nil, nil),
            (
                "urn:geant:x:group:lab:a%2fb:role=chief%20scientist", "urn:geant:x", ["lab", "a/b"], "chief scientist",
                nil
            ),
            ("urn:geant:x:group:sub%3Aone#a%23b", "urn:geant:x", ["sub:one"], nil, "a#b"),
        ] as [(String, String, [String], String?, String?)])
    func `an entitlement has a namespace, groups, and perhaps a role and an authority`(
        text: String, namespace: String, group: [String], role: String?, authority: String?
    ) throws {
        let entitlement = try #require(AARCEntitlement(text))
        #expect(entitlement.namespace == namespace)
        #expect(entitlement.group == group)
        #expect(entitlement.role == role)
        #expect(entitlement.authority == authority)
    }

    @Test(arguments: [
        "", "urn", "urn:", "https://example.org/contracts/HEd123", "urn:mace:dir:entitlement:common-lib-terms",
        "urn:geant:example.de:res:storage:act:read#login", "urn:x:group:lab", "urn:geant:x:GROUP:lab",
        "urn::x:group:lab", "urn:geant:x::group:lab", "urn:geant:x:group", "urn:geant:x:group:",
        "urn:geant:x:group:lab:",
        "urn:geant:x:group:a::b", "urn:geant:x:group:lab::role=r", "urn:geant:x:group:#auth", "urn:geant:x:group:lab#",
        "xurn:geant:x:group:lab", "urn:geant:x:group:lab:group:",
    ]) func `what is no such entitlement is none`(text: String) { #expect(AARCEntitlement(text) == nil) }

    /// The reference parser takes these; here they would let a group pass for another.
    @Test(arguments: [
        "urn:geant:x:group:lab:role=", "urn:geant:x?+r:group:lab", "urn:geant:x:group:lab%zz",
        "urn:geant:x:group:lab%4",
        "urn:geant:x:group:lab%ff", "urn:geant:x:group:lab:role=%c3",
    ]) func `empty roles, components in the namespace and escapes that say nothing are refused`(text: String) {
        #expect(AARCEntitlement(text) == nil)
    }

    /// The reference parser would take the second `:group:` for the real one, though it stands behind the `#`.
    @Test func `the authority begins at the first #`() throws {
        let entitlement = try #require(AARCEntitlement("urn:geant:x:group:lab:role=a#b:group:c"))
        #expect(entitlement.namespace == "urn:geant:x")
        #expect(entitlement.authority == "b:group:c")
    }

    @Test func `separators inside names stay escaped, so that no two groups have one name`() throws {
        let inside = try #require(AARCEntitlement("urn:geant:x:group:a%2fb:c%3ad:role=r%3arole=s"))
        #expect(inside.groupName == "/a%2Fb/c%3Ad")
        #expect(inside.roleName == "/a%2Fb/c%3Ad:role=r%3Arole=s")
        #expect(inside.text == "urn:geant:x:group:a%2Fb:c%3Ad:role=r%3Arole=s")
        #expect(AARCEntitlement("urn:geant:x:group:a:b")?.groupName == "/a/b")
        #expect(AARCEntitlement("urn:geant:x:group:%61:b")?.text == "urn:geant:x:group:a:b")
    }

    @Test func `an entitlement's one spelling reads back as the same`() throws {
        var random = SystemRandomNumberGenerator()
        let parts = ["a", "B", "%3A", "%2f", "%25", "%23", "é", " ", "role", "group", "=", "x"]
        func name() -> String { (0..<Int.random(in: 1...3)).map { _ in parts.randomElement(using: &random)! }.joined() }
        for _ in 0..<2000 {
            let groups = (0..<Int.random(in: 1...3)).map { _ in name() }
            let role = Bool.random() ? ":role=" + name() : ""
            let text = "urn:Geant:x:group:" + groups.joined(separator: ":") + role + (Bool.random() ? "#" + name() : "")
            guard let read = AARCEntitlement(text) else { continue }
            #expect(AARCEntitlement(read.text) == read, "\(text)")
        }
    }

    @Test
    func `an entitlement is also one without its authority, without its role, and its parents if they are implied`()
        throws
    {
        let entitlement = try #require(AARCEntitlement("urn:geant:x:group:a:b:role=r#q"))
        let own = [
            "urn:geant:x:group:a:b:role=r#q", "urn:geant:x:group:a:b:role=r", "urn:geant:x:group:a:b#q",
            "urn:geant:x:group:a:b",
        ]
        #expect(entitlement.texts(withParents: false) == own)
        #expect(entitlement.texts(withParents: true) == own + ["urn:geant:x:group:a#q", "urn:geant:x:group:a"])
    }

    private func subject(_ texts: String..., terms: AARCTerms) throws -> [String]? {
        let claims: JSON = ["e": JSON(texts.map { JSON($0) })]
        return try claims.subject(ClaimsMapping(groups: [.at("e", .aarc(terms))])).groups
    }

    @Test func `a subgroup implies the groups around it only if the source says so`() throws {
        let text = "urn:geant:x:group:a:b:c"
        #expect(try subject(text, terms: AARCTerms(namespaces: ["urn:geant:x"])) == ["/a/b/c"])
        #expect(
            try subject(text, terms: AARCTerms(namespaces: ["urn:geant:x"], impliesParents: true))
                == ["/a/b/c", "/a/b", "/a"])
    }

    @Test func `what is meant for an allowed namespace and malformed is an error, and elsewhere it is nothing`() throws
    {
        let terms = AARCTerms(namespaces: ["urn:geant:x"])
        #expect(throws: IdentityError.malformed(.aarc, .to("e"), "URN:geant:x:group:a::b")) {
            _ = try subject("URN:geant:x:group:a::b", terms: terms)
        }
        #expect(
            try subject("urn:geant:y:group:a::b", "urn:geant:x:sub:group:a", "urn:geant:x.y:group:a", terms: terms)
                == [])
    }

    @Test func `a required authority must be there, and be that one`() throws {
        let terms = AARCTerms(namespaces: ["urn:geant:x"], authorities: ["good"])
        #expect(
            try subject("urn:geant:x:group:a#good", "urn:geant:x:group:b", "urn:geant:x:group:c#evil", terms: terms)
                == ["/a"])
    }
}
