// SPDX-License-Identifier: Apache-2.0
import Directory
import Foundation
import Testing

/// All people of a real slapd at once: each as a look-up has them, and nobody where anything is missing.
@Suite struct WholeReadTests {
    private func terms(_ directory: RealDirectory, _ shape: String) -> DirectoryTerms {
        .of(directory) { draft in
            draft.accounts = .init()
            draft.people.attributes = ["mail"]
            if shape == "rfc2307bis" { draft.groups?.way = .members(attributes: ["member"]) }
            if shape == "memberOf" { draft.groups?.way = .memberOf(attribute: "memberOf") }
        }
    }

    private func directory(_ shape: String) async throws -> RealDirectory {
        try await shape == "rfc2307" ? RealDirectory.plain.value : RealDirectory.bis.value
    }

    @Test(arguments: ["rfc2307", "rfc2307bis", "memberOf"])
    func `everybody is what a look-up says of them`(shape: String) async throws {
        let directory = try await directory(shape)
        let terms = terms(directory, shape)
        let snapshot = try await WholeDirectory(terms, SyncTerms()).snapshot()
        #expect(snapshot.peopleCount == 2000 && snapshot.rejections.count == 0 && snapshot.groupCount == 300)
        let people = People(terms)
        var count = 0
        for person in snapshot.persons {
            let outcome = await people.outcome(of: person.name)
            #expect(outcome == .person(person))
            count += 1
        }
        #expect(count == 2000 && snapshot.identities.count == 2000)
        #expect(snapshot.membershipCount > 5000 && snapshot.persons.contains { $0.memberships.count > 3 })
    }

    @Test(arguments: [1, 7, 500, 5000])
    func `the size of pages makes no difference, and one that the server refuses gets smaller`(size: Int) async throws {
        let directory = try await RealDirectory.start(["--people", "120", "--groups", "20", "--page-limit", "50"])
        let terms = terms(directory, "rfc2307")
        let snapshot = try await WholeDirectory(terms, SyncTerms(pageSize: size)).snapshot()
        #expect(snapshot.peopleCount == 120 && snapshot.groupCount == 20)
        #expect(Set(snapshot.persons.map(\.name)).count == 120)
    }

    // MARK: Whose number is whose

    @Test func `a number that goes to another entry, and an entry that gets another number, are told`() async throws {
        let directory = try await RealDirectory.start(["--people", "6", "--groups", "0"])
        let whole = WholeDirectory(.of(directory), SyncTerms())
        let before = try await whole.snapshot().identities
        let people = "ou=People,\(DirectoryTerms.suffix)"
        try directory.change(
            """
            dn: uid=u00001,\(people)
            changetype: delete

            dn: uid=heir,\(people)
            changetype: add
            objectClass: inetOrgPerson
            objectClass: posixAccount
            uid: heir
            cn: H
            sn: H
            uidNumber: 20001
            gidNumber: 20000
            homeDirectory: /home/heir

            dn: uid=u00002,\(people)
            changetype: modify
            replace: uidNumber
            uidNumber: 29002

            dn: uid=u00003,\(people)
            changetype: modrdn
            newrdn: uid=married
            deleteoldrdn: 1

            dn: uid=u00004,\(people)
            changetype: delete

            """)
        let after = try await whole.snapshot().identities
        #expect(
            after.changes(since: before) == [
                .uidChanged(name: "u00002", before: 20002, now: 29002),
                .uidReused(uid: 20001, before: "u00001", now: "heir"),
            ])
        #expect(after.changes(since: after).isEmpty && after.changes(since: Identities()).isEmpty)
    }

    // MARK: Hostile entries

    /// What a read says of everybody, by name: the person, or why there is none.
    private func outcomes(_ terms: DirectoryTerms) async throws -> (snapshot: DirectorySnapshot, [String: Outcome]) {
        let snapshot = try await WholeDirectory(terms, SyncTerms()).snapshot()
        var outcomes = Dictionary(uniqueKeysWithValues: snapshot.persons.map { ($0.name, Outcome.person($0)) })
        for rejection in snapshot.rejections.samples {
            if let name = rejection.name { outcomes[name] = .error(rejection.reason) }
        }
        return (snapshot, outcomes)
    }

    @Test(arguments: ["ou=People,dc=example,dc=org", "dc=example,dc=org"], [true, false])
    func `an entry that cannot be served is refused alone, for the reason that a look-up gives`(
        base: String, mayBeShared: Bool
    ) async throws {
        let terms = DirectoryTerms.of(try await HostileEntryTests.directory.value) {
            $0.people.base = base
            $0.people.attributes = ["description"]
            $0.ids.mayBeShared = mayBeShared
            $0.accounts = .init()
        }
        let (snapshot, whole) = try await outcomes(terms)
        let people = People(terms)
        // An entry among the groups has two names, one of them somebody's.
        let isWide = base == DirectoryTerms.suffix
        let names =
            HostileEntryTests.odd.map(\.name) + ["second"] + (0..<5).map { "u0000\($0)" } + (isWide ? ["again"] : [])
        for name in names { #expect(await whole[name] == people.outcome(of: name), "\(name)") }
        #expect(Set(whole.keys) == Set(names))
        #expect(snapshot.rejections.counts["directory-name-ambiguous"] == (isWide ? 2 : nil))
        #expect(snapshot.rejections.counts["directory-id-shared"] == (mayBeShared ? nil : 2))
    }

    @Test(arguments: 0...12)
    func `groups in groups are followed as far as a look-up does`(depth: Int) async throws {
        let terms = DirectoryTerms.of(try await NestingTests.chain.value) {
            $0.groups?.way = .members(attributes: ["member"])
            $0.groups?.filter = "(objectClass=groupOfNames)"
            $0.groups?.nestedDepth = depth
        }
        let (_, whole) = try await outcomes(terms)
        for name in ["u00000", "u00001", "u00002"] {
            #expect(await whole[name] == People(terms).outcome(of: name))
        }
    }

    @Test(arguments: [0, 1]) func `groups that list names beside DNs are found as by a look-up`(depth: Int) async throws
    {
        let terms = DirectoryTerms.of(try await NestingTests.names.value) {
            $0.groups?.way = .members(attributes: ["member"], names: "memberUid")
            $0.groups?.filter = "(objectClass=groupOfMembers)"
            $0.groups?.nestedDepth = depth
        }
        let (_, whole) = try await outcomes(terms)
        for name in ["u00000", "u00001", "u00002"] {
            #expect(await whole[name] == People(terms).outcome(of: name))
        }
    }
}
