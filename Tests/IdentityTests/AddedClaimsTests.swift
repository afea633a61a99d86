// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

/// What a directory and look-ups add to a user.
struct AddedClaimsTests {
    private func subject(
        _ claims: String?, hubGroups: [String] = [], groups: [String] = ["groups"], roles: [String] = [],
        ids: [[String]] = [["uid"], ["gid"]],
        _ fill: (inout AddedClaims) -> Void
    ) throws -> Subject {
        var added = AddedClaims()
        fill(&added)
        let mapping = ClaimsMapping(
            roles: try roles.map { ClaimSource(try ClaimPath($0)) },
            groups: try groups.map { ClaimSource(try ClaimPath($0)) },
            uid: ClaimPath(names: ids[0])!, gid: ClaimPath(names: ids[1])!)
        return try SubjectReader(mappings: [mapping]).subject(
            for: HubUser(name: "ana", isAdmin: false, groups: hubGroups), claims: claims.map { try JSON(parsing: $0) },
            deployment: "prod", adding: added)
    }

    @Test func `a source's member stands in the claims, and what the token says under its name does not count`() throws
    {
        let subject = try subject(#"{"hr": {"boss": true}, "directory": {"uid": 0}, "x": 1}"#) {
            $0.add(["level": 2], as: "hr")
            $0.add(nil, as: "directory")
        }
        #expect(subject.claims == ["hr": ["level": 2], "x": 1])
        #expect(subject.unheard == ["directory"] && subject.hasTokenClaims)
    }

    @Test func `without a token's claims the sources' are there, and nothing is known of others`() throws {
        let subject = try subject(nil) { $0.add(["level": 2], as: "hr") }
        #expect(subject.claims == ["hr": ["level": 2]] && !subject.hasTokenClaims && subject.roles == nil)
        #expect(try self.subject(nil) { _ in }.claims.isNull)
    }

    @Test func `roles and groups may be taken from a source as from a claim`() throws {
        let subject = try subject(#"{"groups": ["a"]}"#, groups: ["groups", "hr.teams"], roles: ["hr.roles"]) {
            $0.add(["roles": ["lead"], "teams": ["b"]], as: "hr")
        }
        #expect(subject.roles == ["lead"] && subject.groups == ["a", "b"])
    }

    @Test func `where a source of names was not heard all of them are unknown, since half is none`() throws {
        let claims = #"{"groups": ["a"], "roles": ["r"], "hr": {"roles": ["forged"]}}"#
        let subject = try subject(
            claims, hubGroups: ["h"], groups: ["groups", "hr.teams"], roles: ["roles", "hr.roles"]
        ) { $0.add(nil, as: "hr") }
        #expect(subject.groups == nil && subject.roles == nil)
    }

    @Test func `ids may be taken from a source, never from what the token says under its name`() throws {
        let forged = #"{"hr": {"uid": 5000, "gid": 5000}}"#
        let ids = [["hr", "uid"], ["hr", "gid"]]
        let known = try subject(forged, ids: ids) { $0.add(["uid": 6000, "gid": 6001], as: "hr") }
        #expect(known.posix == PosixIdentity(uid: 6000, gid: 6001, supplementalGroups: []))
        #expect(try subject(forged, ids: ids) { $0.add(.null, as: "hr") }.posix == nil)
        #expect(throws: IdentityError.idsUnheard(ClaimPath(names: ids[0])!)) {
            try subject(forged, ids: ids) { $0.add(nil, as: "hr") }
        }
    }

    @Test func `added groups join those of claims and hub, and make groups known`() throws {
        let subject = try subject(#"{"groups": ["a"]}"#, hubGroups: ["h"]) { $0.add(groups: ["d", "a"]) }
        #expect(subject.groups == ["a", "d", "h"])
        #expect(try self.subject("{}") { $0.add(groups: []) }.groups == [])
        #expect(try self.subject(nil) { $0.add(groups: ["d"]) }.groups == ["d"])
        #expect(try self.subject("{}") { _ in }.groups == nil)
    }

    @Test func `added groups that were not heard make all groups unknown`() throws {
        for claims in [#"{"groups": ["a"]}"#, nil] {
            #expect(try subject(claims, hubGroups: ["h"]) { $0.add(groups: nil) }.groups == nil)
            #expect(
                try subject(claims, hubGroups: ["h"]) {
                    $0.add(groups: nil)
                    $0.add(groups: ["d"])
                }.groups == nil)
        }
    }

    @Test func `a source's ids go before those of the claims`() throws {
        let ids = try #require(PosixIdentity(uid: 5000, gid: 6000, supplementalGroups: [7000]))
        #expect(try subject(#"{"uid": 1, "gid": 2}"#) { $0.posix = ids }.posix == ids)
        #expect(try subject(#"{"uid": 0, "gid": 2}"#) { $0.posix = ids }.posix == ids)
        #expect(try subject(nil) { $0.posix = ids }.posix == ids)
        #expect(try subject(#"{"uid": 1, "gid": 2}"#) { _ in }.posix?.uid == 1)
    }
}
