// SPDX-License-Identifier: Apache-2.0
import Directory
import Foundation
import SpawnModel
import Testing

/// What a directory may legally hold and nobody should get a server by: each has an error of its own. slapd takes all of
/// these entries.
@Suite struct HostileEntryTests {
    /// Name, then what makes the entry odd.
    static let odd: [(name: String, uid: String, gid: String, more: String)] = [
        ("root", "0", "20000", ""), ("minus", "-1", "20000", ""), ("wrap", "4294967295", "20000", ""),
        ("huge", "99999999999999999999", "20000", ""), ("beyond", "2147483648", "20000", ""),
        ("most", "2147483647", "20000", ""), ("least", "1000", "20000", ""), ("system", "999", "20000", ""),
        ("nobody1", "65534", "20000", ""), ("nobody2", "65535", "20000", ""), ("wheel", "21000", "0", ""),
        ("nogroup", "21001", "65534", ""), ("twin1", "21002", "20000", ""), ("twin2", "21002", "20000", ""),
        ("Capital", "21003", "20000", ""), ("two", "21004", "20000", "uid: second"),
        ("broken", "21005", "20000", "description:: " + Data("a\nroot2:x:0:0:::".utf8).base64EncodedString()),
        ("binary", "21006", "20000", "description:: " + Data([0x61, 0x62]).base64EncodedString()),
        ("colon:x:0:0", "21007", "20000", ""), ("-dash", "21008", "20000", ""), ("9digit", "21009", "20000", ""),
        ("ingroup0", "21010", "20000", ""), ("inodd", "21011", "20000", ""), ("listed", "21012", "20000", ""),
    ]

    private static let ldif =
        odd.map { one in
            let suffix = "dc=example,dc=org"
            return """
                dn: cn=\(one.name),ou=People,\(suffix)
                objectClass: inetOrgPerson
                objectClass: posixAccount
                cn: \(one.name)
                sn: S
                uid: \(one.name)
                \(one.more.isEmpty ? "description: x" : one.more)
                uidNumber: \(one.uid)
                gidNumber: \(one.gid)
                homeDirectory: /home/x


                """
        }.joined() + """
            dn: cn=zero,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: zero
            gidNumber: 0
            memberUid: ingroup0

            dn: cn=we\\2Cird\\2Bgr #p\\22x,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: we,ird+gr #p"x
            cn: another name
            gidNumber: 31000
            memberUid: inodd
            memberUid: nobody-at-all

            dn: cn=list,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: list
            gidNumber: 31001
            memberUid: u00001,listed

            dn: uid=again,ou=Groups,dc=example,dc=org
            objectClass: inetOrgPerson
            objectClass: posixAccount
            cn: again
            sn: S
            uid: u00002
            uidNumber: 22000
            gidNumber: 20000
            homeDirectory: /home/x


            """

    static let directory = Task {
        try await RealDirectory.start(["--people", "5", "--groups", "0"], ldif: ldif)
    }

    private func outcome(
        _ name: String, _ change: (inout DirectoryTerms.Draft) -> Void = { _ in }
    ) async throws -> Outcome {
        await People(.of(try await Self.directory.value, change)).outcome(of: name)
    }

    private func dn(_ name: String) -> String { "cn=\(name),ou=People,dc=example,dc=org" }

    @Test(arguments: [
        ("root", "0"), ("minus", "-1"), ("wrap", "4294967295"), ("huge", "99999999999999999999"),
        ("beyond", "2147483648"), ("system", "999"), ("nobody1", "65534"), ("nobody2", "65535"),
    ])
    func `a uid that is reserved or out of range is refused`(name: String, value: String) async throws {
        #expect(
            try await outcome(name).error == .idOutOfRange(attribute: "uidNumber", value: value, entry: dn(name)))
    }

    @Test func `the ends of the range are within it, and the range is what the site says`() async throws {
        #expect(try await outcome("most").person?.posix?.uid == 2_147_483_647)
        #expect(try await outcome("least").person?.posix?.uid == 1000)
        #expect(try await outcome("system") { $0.ids.range = 500...30_000 }.person?.posix?.uid == 999)
        #expect(
            try await outcome("nobody1") { $0.ids.range = 1...2_147_483_647 }.error
                == .idOutOfRange(attribute: "uidNumber", value: "65534", entry: dn("nobody1")))
    }

    @Test func `a group id is held to the same, a supplemental one too`() async throws {
        for (name, value) in [("wheel", "0"), ("nogroup", "65534")] {
            #expect(
                try await outcome(name).error == .idOutOfRange(attribute: "gidNumber", value: value, entry: dn(name)))
        }
        #expect(
            try await outcome("ingroup0").error
                == .idOutOfRange(
                    attribute: "gidNumber", value: "0", entry: "cn=zero,ou=Groups,dc=example,dc=org"))
    }

    @Test func `two people with one uid get no server either, unless the site has it so`() async throws {
        for name in ["twin1", "twin2"] {
            #expect(try await outcome(name).error == .idShared(uid: 21002, entry: dn(name)))
            #expect(try await outcome(name) { $0.ids.mayBeShared = true }.person?.posix?.uid == 21002)
        }
    }

    @Test func `a name that is no Unix name is refused, unless the site widens what is`() async throws {
        for name in ["Capital", "colon:x:0:0", "-dash", "9digit"] {
            #expect(try await outcome(name).error == .nameUnfit(entry: dn(name)), "\(name)")
        }
        let wide = PersonNameRule(capitals: true, signs: PersonNameRule.signsPossible)
        #expect(try await outcome("capital") { $0.people.names = wide }.person?.name == "Capital")
        #expect(
            try await outcome("colon:x:0:0") { $0.people.names = wide }.error == .nameUnfit(entry: dn("colon:x:0:0")))
    }

    @Test func `of several names the one that was asked for counts`() async throws {
        #expect(try await outcome("two").person?.name == "two")
        #expect(try await outcome("second").person?.name == "second")
    }

    @Test func `one name in two entries is nobody's`() async throws {
        #expect(
            try await outcome("u00002") { $0.people.base = DirectoryTerms.suffix }.error == .ambiguous(name: "u00002"))
    }

    @Test func `a value with a line break is refused where it is read`() async throws {
        #expect(
            try await outcome("broken") { $0.people.attributes = ["description"] }.error
                == .valueUnusable(
                    attribute: "description", entry: dn("broken"),
                    reason: "has a value with a line break or another control character"))
        #expect(try await outcome("broken").person?.name == "broken")
    }

    @Test func `a group's odd name is taken as it is, and of several the one it is called by`() async throws {
        #expect(try await outcome("inodd").person?.groups == ["we,ird+gr #p\"x"])
    }

    @Test func `a list in one value makes nobody a member`() async throws {
        #expect(try await outcome("listed").person?.groups == [])
        #expect(try await outcome("u00001").person?.groups == [])
    }

    @Test func `who has no number is refused, or has none where the site allows it`() async throws {
        let other: (inout DirectoryTerms.Draft) -> Void = { $0.people.uid = "departmentNumber" }
        let dn = "uid=u00001,ou=People,dc=example,dc=org"
        #expect(try await outcome("u00001", other).error == .idMissing(attribute: "departmentNumber", entry: dn))
        let half: (inout DirectoryTerms.Draft) -> Void = {
            other(&$0)
            $0.ids.use = .optional
        }
        #expect(try await outcome("u00001", half).error == .idMissing(attribute: "departmentNumber", entry: dn))
        let none: (inout DirectoryTerms.Draft) -> Void = {
            half(&$0)
            $0.people.gid = "employeeNumber"
        }
        let person = try #require(try await outcome("u00001", none).person)
        #expect(person.posix == nil)
    }

    @Test func `what is no number is no id`() async throws {
        #expect(
            try await outcome("u00001") { $0.people.uid = "mail" }.error
                == .idUnusable(
                    attribute: "mail", value: "u00001@example.org", entry: "uid=u00001,ou=People,dc=example,dc=org"))
    }
}
