// SPDX-License-Identifier: Apache-2.0
import Directory
import SpawnModel
import Synchronization
import Testing

/// How long an answer stands.
@Suite struct MemoryTests {
    private final class Clock: Sendable {
        private let reading = Mutex(Instant(unixSeconds: 1_000))
        var now: Instant { reading.withLock { $0 } }
        func pass(_ span: Duration) { reading.withLock { $0 = $0 + span } }
    }

    @Test func `found and unknown people are remembered for as long as each may be, and then asked for again`()
        async throws
    {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "0"])
        let clock = Clock()
        let people = People(.of(directory) { $0.people.attributes = ["title"] }, now: { clock.now })
        #expect(people.remembered("u00001") == nil)
        #expect(await people.outcome(of: "u00001").person?.attributes.first?.values == [])
        #expect(await people.outcome(of: "new") == .unknown)
        try directory.change(
            """
            dn: uid=u00001,ou=People,dc=example,dc=org
            changetype: modify
            add: title
            title: Dr.

            dn: uid=new,ou=People,dc=example,dc=org
            changetype: add
            objectClass: inetOrgPerson
            objectClass: posixAccount
            uid: new
            cn: new
            sn: new
            uidNumber: 29999
            gidNumber: 20000
            homeDirectory: /home/new

            """)
        #expect(people.remembered("new") == .unknown)
        clock.pass(.seconds(10))
        #expect(people.remembered("new") == nil && people.remembered("u00001") != nil)
        #expect(await people.outcome(of: "new").person?.posix?.uid == 29999)
        #expect(await people.outcome(of: "u00001").person?.attributes.first?.values == [])
        clock.pass(.seconds(50))
        #expect(await people.outcome(of: "u00001").person?.attributes.first?.values == ["Dr."])
    }

    @Test func `spellings that Swift takes for one name are two`() async throws {
        let ldif = """
            dn: cn=e,ou=People,dc=example,dc=org
            objectClass: inetOrgPerson
            cn: e
            sn: e
            uid:: YcOp


            """
        let directory = try await RealDirectory.start(["--people", "1", "--groups", "0"], ldif: ldif)
        let people = People(
            .of(directory) {
                $0.people.filter = "(objectClass=inetOrgPerson)"
                $0.ids.use = .none
            })
        #expect("a\u{E9}" == "ae\u{301}")
        #expect(await people.outcome(of: "a\u{E9}").error == .nameUnfit(entry: "cn=e,ou=People,dc=example,dc=org"))
        #expect(people.remembered("ae\u{301}") == nil)
    }

    @Test func `a failure is not remembered`() async throws {
        let first = try await RealDirectory.start(["--people", "3", "--groups", "0"])
        let people = People(.of(first) { $0.costs.connections = 1 })
        first.kill()
        #expect(await people.outcome(of: "u00001").error != nil)
        #expect(people.remembered("u00001") == nil)
    }

    @Test func `no description of what holds the password shows it`() throws {
        let password = try #require(BindPassword(Array("hunter2".utf8)))
        let bind = DirectoryTerms.Bind.password(dn: "cn=a", password)
        var shown = "\(password) \(bind) \(String(reflecting: bind)) "
        dump(bind, to: &shown)
        #expect(!shown.contains("hunter2") && !shown.contains("104"))
        #expect(BindPassword([]) == nil)
    }
}
