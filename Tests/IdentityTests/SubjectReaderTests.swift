// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

struct SubjectReaderTests {
    static let path = ClaimPath(names: ["groups"])!
    static let ids = ClaimsMapping(
        uid: ClaimPath(names: ["uid"])!, gid: ClaimPath(names: ["gid"])!,
        supplementalGroups: ClaimPath(names: ["gids"])!)

    private func subject(
        _ claims: String?, _ mappings: [ClaimsMapping] = [ClaimsMapping(groups: [ClaimSource(path)])],
        hubGroups: [String] = []
    ) throws -> Subject {
        try SubjectReader(mappings: mappings).subject(
            for: HubUser(name: "ana", isAdmin: true, groups: hubGroups), claims: claims.map { try JSON(parsing: $0) },
            deployment: "prod")
    }

    @Test func `the hub's name, admin flag and deployment are the subject's, whatever the claims say`() throws {
        let subject = try subject(#"{"preferred_username": "root", "admin": false}"#)
        #expect(subject.name == "ana")
        #expect(subject.isAdmin)
        #expect(subject.deployment == "prod")
    }

    @Test func `groups of claims and hub are joined, each once`() throws {
        #expect(try subject(#"{"groups": ["a", "b", "a"]}"#, hubGroups: ["b", "c"]).groups == ["a", "b", "c"])
        #expect(try subject("{}", hubGroups: ["c"]).groups == ["c"])
        #expect(try subject(nil, hubGroups: ["c"]).groups == ["c"])
    }

    @Test func `groups are unknown while neither claims nor hub say anything, and none where the claim is empty`()
        throws
    {
        #expect(try subject("{}").groups == nil)
        #expect(try subject(#"{"groups": null}"#).groups == nil)
        #expect(try subject(nil).groups == nil)
        #expect(try subject("null").groups == nil)
        #expect(try subject(#"{"groups": []}"#).groups == [])
        #expect(try subject(#"{"groups": ""}"#).groups == [])
    }

    @Test(arguments: [
        #"{"groups": {"a": 1}}"#, #"{"groups": [["a"]]}"#, #"{"groups": ["a", null]}"#, #"{"groups": 1.5}"#,
        #"{"groups": [{"name": "a"}]}"#, #"{"groups": ["a", false]}"#, #"{"groups": true}"#,
    ])
    func `a membership that is not names is an error, not an empty list`(claims: String) {
        #expect { _ = try subject(claims) } throws: {
            if case .notNames(Self.path, _) = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `claims that are no object are an error`() {
        #expect(throws: IdentityError.notAnObject(.array)) { _ = try subject("[]") }
    }

    @Test(arguments: [
        (#"{"uid": 1001, "gid": 100}"#, [1001, 100]), (#"{"uid": "1001", "gid": "100"}"#, [1001, 100]),
        (#"{"uid": 1001.0, "gid": 1e2}"#, [1001, 100]), (#"{"uid": 2147483647, "gid": 1}"#, [2_147_483_647, 1]),
        (#"{"uid": 1, "gid": 2, "gids": [5, "4", 2, 5]}"#, [1, 2, 4, 5]),
        (#"{"uid": 1, "gid": 2, "gids": 7}"#, [1, 2, 7]),
    ]) func `numeric ids are numbers or digits`(claims: String, ids: [Int]) throws {
        let posix = try #require(try subject(claims, [Self.ids]).posix)
        #expect([posix.uid, posix.gid] + posix.supplementalGroups == ids)
    }

    @Test(arguments: [
        #"{"uid": 0, "gid": 1}"#, #"{"uid": "0", "gid": 1}"#, #"{"uid": -5, "gid": 1}"#, #"{"uid": "-5", "gid": 1}"#,
        #"{"uid": 2147483648, "gid": 1}"#, #"{"uid": "99999999999999999999", "gid": 1}"#, #"{"uid": 1, "gid": 0}"#,
        #"{"uid": 1, "gid": 1, "gids": [0]}"#, #"{"uid": 1, "gid": 1, "gids": [4294967295]}"#,
    ]) func `root and ids out of range are errors`(claims: String) {
        #expect { _ = try subject(claims, [Self.ids]) } throws: {
            if case .idOutOfRange = $0 as? IdentityError { true } else { false }
        }
    }

    @Test(arguments: [
        #"{"uid": "", "gid": 1}"#, #"{"uid": "ana", "gid": 1}"#, #"{"uid": "1 ", "gid": 1}"#,
        #"{"uid": "+1", "gid": 1}"#,
        #"{"uid": "0x10", "gid": 1}"#, #"{"uid": 1.5, "gid": 1}"#, #"{"uid": true, "gid": 1}"#,
        #"{"uid": [1], "gid": 1}"#,
        #"{"uid": "١", "gid": 1}"#, #"{"uid": 1, "gid": 1, "gids": {"a": 1}}"#,
    ]) func `what is not a numeric id is an error`(claims: String) {
        #expect { _ = try subject(claims, [Self.ids]) } throws: {
            if case .notAnID = $0 as? IdentityError { true } else { false }
        }
    }

    @Test func `ids that are missing leave those of the hub, and half of them is an error`() throws {
        #expect(try subject("{}", [Self.ids]).posix == nil)
        #expect(try subject(#"{"uid": null, "gid": null}"#, [Self.ids]).posix == nil)
        #expect(throws: IdentityError.incompleteIDs(missing: ClaimPath(names: ["gid"])!)) {
            _ = try subject(#"{"uid": 1}"#, [Self.ids])
        }
        #expect(throws: IdentityError.incompleteIDs(missing: ClaimPath(names: ["uid"])!)) {
            _ = try subject(#"{"gid": 1}"#, [Self.ids])
        }
    }

    @Test func `the issuer chooses the mapping`() throws {
        let mappings = [
            ClaimsMapping(issuer: "https://a.example", groups: [.at("x")]),
            ClaimsMapping(issuer: "https://b.example", groups: [.at("y")]),
        ]
        #expect(try subject(#"{"iss": "https://b.example", "x": ["1"], "y": ["2"]}"#, mappings).groups == ["2"])
        #expect(throws: IdentityError.unknownIssuer("https://c.example")) {
            _ = try subject(#"{"iss": "https://c.example"}"#, mappings)
        }
        #expect(throws: IdentityError.unknownIssuer(nil)) { _ = try subject("{}", mappings) }
        #expect(try subject(#"{"x": ["1"]}"#, [mappings[0]]).groups == ["1"], "userinfo names no issuer")
    }

    @Test func `claims for another audience are refused, and claims without one are not`() throws {
        let mapping = ClaimsMapping(audiences: ["jupyterhub"])
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": "other"}"#, [mapping]) }
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": []}"#, [mapping]) }
        #expect(throws: IdentityError.wrongAudience) { _ = try subject(#"{"aud": 5}"#, [mapping]) }
        #expect(try subject(#"{"aud": ["account", "jupyterhub"]}"#, [mapping]).name == "ana")
        #expect(try subject("{}", [mapping]).name == "ana")
    }
}
