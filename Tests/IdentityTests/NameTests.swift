// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

struct NameFormTests {
    @Test(arguments: [
        ("GPU-Users", "gpu-users"), ("RÖLE", "röle"), ("ΣΑΣ", "σασ"), ("straße", "straße"), ("a/B", "a/b"),
        ("\u{212A}8s", "\u{212A}8s"), ("\u{130}", "\u{130}"),
    ]) func `folding makes letters small, and no other letter an ASCII one`(name: String, folded: String) {
        #expect(NameForm(foldsCase: true, isLeaf: false).applied(to: name).utf8.elementsEqual(folded.utf8))
    }

    @Test(arguments: [
        ("/a/x", "x"), ("a/x", "x"), ("x", "x"), ("/a/x/", "x"), ("/", "/"), ("//", "//"), ("/a/x y", "x y"),
        ("a:b/c:d", "c:d"),
    ]) func `the leaf is what stands behind the last slash`(name: String, leaf: String) {
        #expect(NameForm(foldsCase: false, isLeaf: true).applied(to: name) == leaf)
    }

    @Test func `names of claims, of the hub and those ignored are brought into the form, each then once`() throws {
        let forms = NameForms(
            roles: NameForm(foldsCase: true, isLeaf: false), groups: NameForm(foldsCase: true, isLeaf: true))
        let claims = try JSON(parsing: #"{"r": ["Staff", "STAFF", "Offline"], "g": ["/a/X", "/b/x", "/a/y"]}"#)
        let mapping = ClaimsMapping(roles: [.at("r")], groups: [.at("g")], rolesIgnored: ["OFFLINE"])
        let subject = try claims.subject(mapping, forms: forms, hubGroups: ["Y", "Z"])
        #expect(subject.roles == ["staff"])
        #expect(subject.groups == ["x", "y", "z"])
    }

    @Test func `without a form, names that only look alike are two`() throws {
        let claims = try JSON(parsing: #"{"g": ["é", "e\u0301", "E\u0301"]}"#)
        #expect(try claims.subject(ClaimsMapping(groups: [.at("g")])).groups?.count == 3)
    }
}

struct WantedNamesTests {
    private func wanted(_ name: String, _ kind: NameKind, _ shape: ClaimSource.Shape, fold: Bool = false) -> [String] {
        let source = [ClaimSource.at("c", shape)]
        let form = NameForm(foldsCase: fold, isLeaf: false)
        let names = WantedNames(
            forms: NameForms(roles: form, groups: form, entitlements: form),
            mappings: [ClaimsMapping(roles: source, groups: source, entitlements: source)])
        return names.alternatives(to: name, as: kind)
    }

    private let aarc = ClaimSource.Shape.aarc(AARCTerms(namespaces: ["urn:geant:x"]))

    @Test func `a rule's names are brought into the form that subjects have`() {
        #expect(wanted("/Lab/X", .groups, .names, fold: true) == ["/lab/x"])
        #expect(wanted("URN:Geant:X:group:Lab:sub%3aone", .entitlements, aarc) == ["urn:geant:x:group:Lab:sub%3Aone"])
        #expect(wanted("URN:Geant:X:group:Lab", .entitlements, .names) == ["URN:Geant:X:group:Lab"])
        #expect(wanted("/lab/sub%3aone:role=chief%20a/b", .roles, aarc) == ["/lab/sub%3Aone:role=chief a%2Fb"])
        #expect(wanted("/lab/sub%3aone", .groups, aarc) == ["/lab/sub%3Aone"])
    }

    @Test(arguments: ["lab", "/a:b", "/", "/a//b", "/a%zz"]) func `a name that is no AARC group stays as it is`(
        name: String
    ) {
        #expect(wanted(name, .groups, aarc) == [name])
    }

    @Test func `a capability is met by each one that covers it, and by no other`() {
        #expect(
            wanted("storage.read:/foo/bar/qux", .entitlements, .wlcg)
                == ["storage.read:/foo/bar/qux", "storage.read:/foo/bar", "storage.read:/foo", "storage.read:/"])
        #expect(wanted("compute.read", .entitlements, .wlcg) == ["compute.read"])
        #expect(wanted("storage.read:/foo", .entitlements, .names) == ["storage.read:/foo"])
        #expect(wanted("storage.read", .entitlements, .wlcg) == ["storage.read"], "no capability, so just a text")
    }
}

struct NameLimitTests {
    private func groups(_ names: [String], hub: [String] = [], _ shape: ClaimSource.Shape = .names) throws -> Int? {
        let claims: JSON = ["g": JSON(names.map { JSON($0) })]
        return try claims.subject(ClaimsMapping(groups: [.at("g", shape)]), hubGroups: hub).groups?.count
    }

    @Test func `names are at most 256 bytes long, entitlements 1024`() throws {
        let longest = String(repeating: "a", count: 256)
        #expect(try groups([longest], hub: [longest]) == 1)
        #expect(throws: IdentityError.nameTooLong(.to("g"), 257)) { _ = try groups([longest + "a"]) }
        #expect(throws: IdentityError.nameTooLong(.to("g"), 258)) {
            _ = try groups([String(repeating: "é", count: 129)])
        }
        #expect(throws: IdentityError.nameTooLong(nil, 257)) { _ = try groups([], hub: [longest + "a"]) }
        let claims: JSON = ["e": JSON(String(repeating: "a", count: 1024))]
        #expect(try claims.subject(ClaimsMapping(entitlements: [.at("e")])).entitlements?.count == 1)
    }

    @Test func `at most 2000 names of one kind are read`() throws {
        let most = (0..<2000).map { "g\($0)" }
        #expect(try groups(most) == 2000)
        #expect(throws: IdentityError.tooManyNames(.to("g"), 2001)) { _ = try groups(most + ["x"]) }
        #expect(throws: IdentityError.tooManyNames(nil, 2001)) { _ = try groups([], hub: most + ["x"]) }
        let text: JSON = ["g": JSON((most + ["x"]).joined(separator: ","))]
        #expect(throws: IdentityError.tooManyNames(.to("g"), 2001)) {
            _ = try text.subject(ClaimsMapping(groups: [.at("g", .joined(by: ","))]))
        }
        let two: JSON = ["a": JSON(most.map { JSON($0) }), "b": "x"]
        #expect(throws: IdentityError.tooManyNames(.to("b"), 2001)) {
            _ = try two.subject(ClaimsMapping(groups: [.at("a"), .at("b")]))
        }
    }

    @Test func `values that would be passed over count as well, and so does what one entitlement becomes`() throws {
        let aarc = ClaimSource.Shape.aarc(AARCTerms(namespaces: ["urn:a:b"], impliesParents: true))
        #expect(throws: IdentityError.tooManyNames(.to("g"), 2001)) {
            _ = try groups((0...2000).map { "urn:c:d:group:\($0)" }, aarc)
        }
        let deep = "urn:a:b:group" + String(repeating: ":x", count: 500)
        #expect(throws: IdentityError.nameTooLong(.to("g"), 1000)) { _ = try groups([deep], aarc) }
        #expect(throws: IdentityError.tooManyNames(.to("g"), 2100)) {
            _ = try groups((0..<2000).map { "urn:a:b:group:\($0)" + String(repeating: ":x", count: 299) }, aarc)
        }
        #expect(throws: IdentityError.nameTooLong(.to("g"), 3039)) { _ = try groups([deep + deep + deep], aarc) }
        #expect(try groups(["https://example.org/" + String(repeating: "x", count: 2000)], aarc) == 0)

        let scopes: JSON = ["s": JSON(String(repeating: "openid ", count: 2001))]
        #expect(throws: IdentityError.tooManyNames(.to("s"), 2001)) {
            _ = try scopes.subject(ClaimsMapping(entitlements: [.at("s", .wlcg)]))
        }
    }

    @Test(arguments: ["a\u{0}", "a\nb", "\u{1f}", "a\u{7f}"]) func `a control character is an error`(name: String) {
        #expect(throws: IdentityError.controlCharacter(.to("g"))) { _ = try groups([name]) }
        #expect(throws: IdentityError.controlCharacter(nil)) { _ = try groups([], hub: [name]) }
    }

    @Test func `a control character that was escaped is one all the same`() {
        let aarc = ClaimSource.Shape.aarc(AARCTerms(namespaces: ["urn:geant:x"]))
        #expect(throws: IdentityError.controlCharacter(.to("g"))) {
            _ = try groups(["urn:geant:x:group:a%0Ab"], aarc)
        }
    }
}

struct UsernameTests {
    private func check(_ claims: String, _ name: String, _ username: UsernameSource) throws {
        _ = try JSON(parsing: claims).subject(ClaimsMapping(username: username), named: name)
    }

    private let plain = UsernameSource(claims: [.to("n")])

    @Test func `claims of the hub's own user are taken`() throws {
        try check(#"{"n": "ana"}"#, "ana", plain)
        try check(#"{"n": "Ana@Example.org"}"#, "ana@example.org", plain)
        try check(#"{"n": 754321}"#, "754321", plain)
        try check(#"{"n": "ana@Example.org"}"#, "ana", UsernameSource(claims: [.to("n")], domain: "example.ORG"))
    }

    @Test(arguments: [
        (#"{"n": "bo"}"#, "ana"), (#"{"n": "ana@example.org"}"#, "ana"), (#"{"n": "ana "}"#, "ana"),
        (#"{"n": "re\u0301ne"}"#, "r\u{e9}ne"), (#"{"n": "\u212Aim"}"#, "kim"),
    ]) func `claims of another user are refused`(claims: String, name: String) {
        #expect { try check(claims, name, plain) } throws: {
            if case .otherUsername(name, _) = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `capitals count for a hub that keeps them`() {
        #expect(throws: IdentityError.otherUsername(hub: "ana", claims: "Ana")) {
            try check(#"{"n": "Ana"}"#, "ana", UsernameSource(claims: [.to("n")], foldsCase: false))
        }
    }

    @Test(arguments: ["{}", #"{"n": null}"#, #"{"n": ""}"#, #"{"n": ["ana"]}"#, #"{"n": true}"#])
    func `claims that do not say whose they are are refused`(claims: String) {
        #expect(throws: IdentityError.noUsername(.to("n"))) { try check(claims, "ana", plain) }
    }

    @Test(arguments: ["ana@evil.example", "ana", "@example.org", "ana@example.org.evil", "ana@example.org@evil"])
    func `the same name in another domain is another person`(name: String) {
        #expect(throws: IdentityError.otherDomain(name, wanted: "example.org")) {
            try check(#"{"n": "\#(name)"}"#, "ana", UsernameSource(claims: [.to("n")], domain: "example.org"))
        }
    }

    @Test func `without claims nothing is compared, and a hub may say that names differ`() throws {
        let mapping = ClaimsMapping(username: plain)
        let user = HubUser(name: "ana", isAdmin: false, groups: [])
        _ = try SubjectReader(mappings: [mapping]).subject(for: user, claims: nil, deployment: "prod")
        _ = try SubjectReader(mappings: [mapping], checksUsername: false).subject(
            for: user, claims: ["n": "bo"], deployment: "prod")
    }
}
