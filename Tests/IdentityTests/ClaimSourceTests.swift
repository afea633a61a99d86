// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

struct ClaimSourceTests {
    private func groups(_ claims: String, _ shape: ClaimSource.Shape) throws -> [String]? {
        try JSON(parsing: claims).subject(ClaimsMapping(groups: [.at("g", shape)])).groups
    }

    @Test(
        arguments: [
            (#"{"g": "a b  c "}"#, " ", ["a", "b", "c"]), (#"{"g": "a,b , c,,"}"#, ",", ["a", "b", "c"]),
            (#"{"g": "a b,c"}"#, ",", ["a b", "c"]), (#"{"g": ["a,b", "c"]}"#, ",", ["a,b", "c"]),
            (#"{"g": ""}"#, ",", []), (#"{"g": " , "}"#, ",", []), (#"{"g": []}"#, " ", []), (#"{"g": 7}"#, ",", ["7"]),
            (#"{"g": "a,́b,c"}"#, ",", ["a", "\u{301}b", "c"]),
        ] as [(String, Unicode.Scalar, [String])])
    func `a text is cut at the separator, and a list is taken as it comes`(
        claims: String, separator: Unicode.Scalar, wanted: [String]
    ) throws {
        #expect(try groups(claims, .joined(by: separator)) == wanted)
    }

    @Test func `whole numbers are names, in one spelling`() throws {
        #expect(try groups(#"{"g": [5, 1e2, "5", 7.0]}"#, .names) == ["5", "100", "7"])
    }

    static let memberships = #"""
        {"g": [
          {"name": "a", "status": "active", "level": 2, "of": {"site": "x"}},
          {"name": "b", "status": "past", "level": 2},
          {"name": "c", "status": ["active", "new"], "level": 1},
          {"name": ["d", "e"], "status": "active", "level": 2.0},
          {"name": "f", "level": 2}]}
        """#

    @Test func `objects count that meet all conditions themselves`() throws {
        func names(_ conditions: (String, [JSON])...) throws -> [String]? {
            let conditions = conditions.map { ElementTerms.Condition(.to($0.0), $0.1) }
            return try groups(Self.memberships, .elements(ElementTerms(name: .to("name"), conditions: conditions)))
        }
        #expect(try names() == ["a", "b", "c", "d", "e", "f"])
        #expect(try names(("status", ["active"])) == ["a", "c", "d", "e"])
        #expect(try names(("status", ["active", "past"])) == ["a", "b", "c", "d", "e"])
        #expect(try names(("status", ["active"]), ("level", [2])) == ["a", "d", "e"], "not c, of level 1")
        #expect(try names(("missing", [true])) == [])
        #expect(
            try groups(
                Self.memberships,
                .elements(
                    ElementTerms(
                        name: try ClaimPath("of.site"), conditions: [.init(.to("name"), ["a"])]))) == ["x"])
    }

    @Test func `a single object is a list of one, and a missing claim stays unknown`() throws {
        let terms = ClaimSource.Shape.elements(ElementTerms(name: .to("name")))
        #expect(try groups(#"{"g": {"name": "a"}}"#, terms) == ["a"])
        #expect(try groups(#"{"g": []}"#, terms) == [])
        #expect(try groups("{}", terms) == nil)
    }

    @Test func `several members together are one name`() throws {
        let terms = ClaimSource.Shape.elements(
            ElementTerms(name: [try ClaimPath("organization.login"), .to("slug")], joint: ":"))
        let teams =
            #"{"g": [{"slug": "a", "organization": {"login": "lab"}}, {"slug": 7, "organization": {"login": "x"}}]}"#
        #expect(try groups(teams, terms) == ["lab:a", "x:7"])
        #expect(throws: IdentityError.elementWithoutName(.to("g"), .to("slug"))) {
            try groups(#"{"g": [{"slug": "", "organization": {"login": "lab"}}]}"#, terms)
        }
        #expect(throws: IdentityError.notNames(.to("g"), .array)) {
            try groups(#"{"g": [{"slug": ["a"], "organization": {"login": "lab"}}]}"#, terms)
        }
    }

    @Test func `elements that are no objects, or have no name, are errors`() {
        let terms = ClaimSource.Shape.elements(ElementTerms(name: .to("name")))
        #expect(throws: IdentityError.notObjects(.to("g"), .string)) { _ = try groups(#"{"g": ["a"]}"#, terms) }
        #expect(throws: IdentityError.elementWithoutName(.to("g"), .to("name"))) {
            _ = try groups(#"{"g": [{"id": 1}]}"#, terms)
        }
    }

    @Test func `sources are joined, and known as soon as one is there`() throws {
        let mapping = ClaimsMapping(groups: [.at("a", .joined(by: " ")), .at("b")])
        #expect(try JSON(parsing: #"{"b": ["y", "x"], "a": "x z"}"#).subject(mapping).groups == ["x", "z", "y"])
        #expect(try JSON(parsing: #"{"b": []}"#).subject(mapping).groups == [])
        #expect(try JSON(parsing: "{}").subject(mapping).groups == nil)
    }

    @Test func `values of no organisation are errors, and nothing is known where nobody's word counts`() throws {
        let terms = ScopeTerms(scopes: ["Example.org"], claim: nil)
        #expect(
            try groups(#"{"g": ["a@example.ORG", "b@other.org", "c@d@example.org"]}"#, .scoped(terms))
                == ["a@example.org", "c@d@example.org"])
        #expect(throws: IdentityError.malformed(.scoped, .to("g"), "staff")) {
            _ = try groups(#"{"g": ["staff"]}"#, .scoped(terms))
        }
        let claimed = ScopeTerms(scopes: [], claim: .to("home"))
        #expect(try groups(#"{"g": ["a@example.org"]}"#, .scoped(claimed)) == nil)
        #expect(try groups(#"{"g": ["a@example.org"], "home": "example.org"}"#, .scoped(claimed)) == ["a@example.org"])
    }
}

struct WLCGTests {
    private func read(_ claims: String, _ kind: NameKind) throws -> [String]? {
        let source = [ClaimSource.at("c", .wlcg)]
        let mapping = ClaimsMapping(
            groups: kind == .groups ? source : [], entitlements: kind == .entitlements ? source : [])
        let subject = try JSON(parsing: claims).subject(mapping)
        return kind == .groups ? subject.groups : subject.entitlements
    }

    @Test(arguments: ["a", "/", "//a", "/a/", "/a//b", "/-a", "/a b", "/é", "/a/_b", ""])
    func `a group has slashes before names of few signs`(group: String) throws {
        let claims = #"{"c": ["\#(group)", "/ok"]}"#
        if group.isEmpty {
            #expect(try read(claims, .groups) == ["/ok"], "an empty text says nothing")
        } else {
            #expect(throws: IdentityError.malformed(.wlcgGroup, .to("c"), group)) { _ = try read(claims, .groups) }
        }
        #expect(try read(#"{"c": ["/a", "/A.b/c_d-e", "/1"]}"#, .groups) == ["/a", "/A.b/c_d-e", "/1"])
    }

    @Test func `capabilities have one spelling, and other scopes are none`() throws {
        let scopes =
            "openid storage.read:/a//b/ storage.modify:/ storage.stage:/a%2fb/%61 compute.cancel wlcg.groups:/a"
        #expect(
            try read(#"{"c": "\#(scopes)"}"#, .entitlements)
                == ["storage.read:/a/b", "storage.modify:/", "storage.stage:/a%2Fb/a", "compute.cancel"])
    }

    @Test(arguments: [
        "storage.read", "storage.read:", "storage.read:a", "storage.read:/a/../b", "storage.read:/%2e%2e",
        "storage.read:/./a", "storage.read:/%zz", "compute.read:/a",
    ]) func `a capability without its path, or with one that leads upwards, is an error`(scope: String) {
        #expect(throws: IdentityError.malformed(.wlcgCapability, .to("c"), scope)) {
            _ = try read(#"{"c": "openid \#(scope)"}"#, .entitlements)
        }
    }

    @Test(arguments: [#""2.0""#, #""1""#, #""1.x""#, "1.0", #""10.0""#, #""""#])
    func `tokens of an unknown version are refused`(version: String) {
        #expect(throws: IdentityError.unknownTokenVersion(version)) {
            _ = try read(#"{"c": [], "wlcg.ver": \#(version)}"#, .groups)
        }
    }

    @Test(arguments: [#"{"c": [], "wlcg.ver": "1.0"}"#, #"{"c": [], "wlcg.ver": "1.2"}"#, #"{"c": []}"#])
    func `known versions are read, and claims without one`(claims: String) throws {
        #expect(try read(claims, .groups) == [])
    }
}

struct MissingClaimTests {
    @Test(arguments: [
        #"{"_claim_names": {"groups": "src1"}}"#, #"{"hasgroups": true}"#, #"{"hasgroups": "true"}"#,
        #"{"groups": null, "_claim_names": {"groups": "src1"}}"#,
    ]) func `a claim that is kept elsewhere is no empty claim`(claims: String) throws {
        let mapping = ClaimsMapping(groups: [.at("other"), .at("groups")])
        #expect(throws: IdentityError.claimElsewhere(.to("groups"))) { _ = try JSON(parsing: claims).subject(mapping) }
    }

    @Test(arguments: [
        #"{"_claim_names": {"address": "src1"}}"#, #"{"hasgroups": false}"#,
        #"{"groups": [], "_claim_names": {"groups": "src1"}}"#,
    ]) func `a claim that is there, or that nobody reads, is not missed`(claims: String) throws {
        _ = try JSON(parsing: claims).subject(ClaimsMapping(groups: [.at("groups")]))
    }

    @Test(arguments: [
        (#"{"typ": "Bearer", "azp": "x"}"#, true), (#"{"typ": "Bearer", "sub": "a", "jti": "onltac:1"}"#, true),
        (#"{"typ": "Bearer", "sub": "a", "jti": "onrtac:1"}"#, false), (#"{"typ": "Bearer", "sub": "a"}"#, false),
        (#"{"azp": "x"}"#, false), (#"{"typ": "Bearer", "roles": []}"#, false),
    ]) func `a lightweight token is known by what it lacks, or by its id`(claims: String, isLightweight: Bool) throws {
        let claims = try JSON(parsing: claims)
        let mapping = ClaimsMapping(roles: [.at("roles")])
        if isLightweight {
            #expect(throws: IdentityError.lightweightToken(missing: .to("roles"))) { _ = try claims.subject(mapping) }
        } else {
            _ = try claims.subject(mapping)
        }
    }
}
