// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import SpawnModel
import Testing

/// Who somebody is, read from a real slapd and compared with the LDIF that it holds.
@Suite struct LookUpTests {
    private static let some = ["u00000", "u00001", "u00007", "u00042", "u00311", "u01234", "u01999"]

    @Test func `people of rfc2307 have their numbers and every group that lists their name`() async throws {
        let directory = try await RealDirectory.plain.value
        let people = People(.of(directory))
        let model = try PlainModel(ldif: directory.facts.data)
        for name in Self.some {
            let person = try #require(await people.outcome(of: name).person)
            let groups = model.groups(of: name, gid: "20000")
            #expect(person.groups == groups && !groups.isEmpty, "\(name)")
            #expect(person.name == name && person.dn == "uid=\(name),ou=People,dc=example,dc=org")
            #expect(person.posix?.uid == 20000 + Int(name.dropFirst())! && person.posix?.gid == 20000)
            #expect(person.posix?.supplementalGroups == model.ids(of: groups))
        }
    }

    @Test func `groups of rfc2307bis are followed outwards, and a circle ends where it began`() async throws {
        let directory = try await RealDirectory.bis.value
        let people = People(.of(directory) { $0.groups?.way = .members(attributes: ["member", "uniqueMember"]) })
        let model = try PlainModel(ldif: directory.facts.data)
        let inCircle = try #require(model.entries.first { $0["cn"] == ["g0101"] }?["member"].first)
        let name = String(inCircle.dropFirst(4).prefix(6))
        for name in Self.some + [name] {
            let person = try #require(await people.outcome(of: name).person)
            let groups = model.groups(of: name, gid: "20000")
            #expect(person.groups == groups)
            #expect(person.posix?.supplementalGroups == model.ids(of: groups))
        }
        #expect(model.groups(of: name, gid: "20000").contains { ["g0051", "g0151"].contains($0) })
    }

    @Test func `without nesting only the groups count that name the person`() async throws {
        let directory = try await RealDirectory.bis.value
        let people = People(
            .of(directory) {
                $0.groups?.way = .members(attributes: ["member"])
                $0.groups?.nestedDepth = 0
            })
        let model = try PlainModel(ldif: directory.facts.data)
        let direct = model.entries.filter { $0["member"].contains("uid=u00000,ou=People,dc=example,dc=org") }
        let person = try #require(await people.outcome(of: "u00000").person)
        #expect(person.groups == direct.flatMap { $0["cn"] }.sorted())
        #expect(person.groups != model.groups(of: "u00000", gid: "20000"))
    }

    @Test func `the name is the entry's, whatever capitals the hub has`() async throws {
        let people = People(.of(try await RealDirectory.plain.value))
        #expect(await people.outcome(of: "U00001").person?.name == "u00001")
    }

    @Test func `who is not in the directory is unknown, which is no error`() async throws {
        let people = People(.of(try await RealDirectory.plain.value))
        #expect(await people.outcome(of: "nobody-of-that-name") == .unknown)
        #expect(PersonAnswer.unknown.claim == ["known": false])
    }

    @Test func `an entry that the filter leaves out is nobody`() async throws {
        let people = People(.of(try await RealDirectory.plain.value) { $0.people.filter = "(!(uid=u00001))" })
        #expect(await people.outcome(of: "u00001") == .unknown)
        #expect(await people.outcome(of: "u00002").person != nil)
    }

    @Test func `attributes become lists in the claim, and one that is missing an empty one`() async throws {
        let people = People(
            .of(try await RealDirectory.plain.value) {
                $0.people.attributes = ["mail", "CN", "title"]
                $0.groups = nil
                $0.ids.use = .none
            })
        let person = try #require(await people.outcome(of: "u00007").person)
        #expect(
            person.claim == [
                "known": true, "name": "u00007", "dn": "uid=u00007,ou=People,dc=example,dc=org",
                "mail": ["u00007@example.org"], "CN": ["Åsa Öberg"], "title": [],
            ])
        #expect(person.groups == nil && person.posix == nil)
    }

    @Test func `memberOf is followed as far as member is`() async throws {
        let dn = "dc=example,dc=org"
        func group(_ name: String, _ gid: Int, _ member: String) -> String {
            """
            dn: cn=\(name),ou=Groups,\(dn)
            changetype: add
            objectClass: groupOfMembers
            objectClass: posixGroup
            cn: \(name)
            gidNumber: \(gid)
            member: \(member)


            """
        }
        let directory = try await RealDirectory.start(["--shape", "rfc2307bis", "--groups", "0", "--people", "3"])
        try directory.change(
            group("inner", 31001, "uid=u00001,ou=People,\(dn)") + group("outer", 31002, "cn=inner,ou=Groups,\(dn)")
                + group("other", 31003, "uid=u00002,ou=People,\(dn)"))
        let people = People(.of(directory) { $0.groups?.way = .memberOf(attribute: "memberOf") })
        let person = try #require(await people.outcome(of: "u00001").person)
        #expect(person.groups == ["inner", "outer"] && person.posix?.supplementalGroups == [31001, 31002])
        #expect(await people.outcome(of: "u00000").person?.groups == [])
    }

    @Test func `the primary group has its name among the groups, though it lists nobody`() async throws {
        let ldif = """
            dn: cn=everyone,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: everyone
            gidNumber: 20000


            """
        let directory = try await RealDirectory.start(["--groups", "0", "--people", "2"], ldif: ldif)
        let person = try #require(await People(.of(directory)).outcome(of: "u00001").person)
        #expect(person.groups == ["everyone"])
        #expect(person.posix?.gid == 20000 && person.posix?.supplementalGroups == [])
    }

    @Test func `whom the directory shows nothing is not told that there is nobody`() async throws {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "1", "--strangers", "search"])
        #expect(
            await People(.of(directory)).outcome(of: "u00001").error
                == .baseMissing(server: directory.facts.ldap, base: "ou=People,dc=example,dc=org"))
    }

    @Test func `a directory that shows nothing to strangers is asked by password, and over its own socket`()
        async throws
    {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "1", "--strangers", "auth"])
        guard
            case .error(.refused(directory.facts.ldap, code: 50, _)) = await People(.of(directory)).outcome(
                of: "u00001")
        else {
            Issue.record("a stranger is not told of the refusal")
            return
        }
        let user = "uid=u00002,ou=People,dc=example,dc=org"
        let right = People(.of(directory) { $0.bind = .password(dn: user, BindPassword(Array("secret".utf8))!) })
        #expect(await right.outcome(of: "u00001").person?.name == "u00001")
        let wrong = People(.of(directory) { $0.bind = .password(dn: user, BindPassword(Array("Secret".utf8))!) })
        let error = await wrong.outcome(of: "u00001").error
        guard case .bindRefused(directory.facts.ldap, who: user, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix("Invalid credentials"))
        let local = People(
            .of(directory) {
                $0.servers = [directory.facts.ldapi]
                $0.bind = .external
            })
        #expect(await local.outcome(of: "u00001").person?.name == "u00001")
    }
}
