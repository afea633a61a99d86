// SPDX-License-Identifier: Apache-2.0
import Directory
import Foundation
import JSONTree
import Testing

/// What a look-up says of an account, from a real slapd that takes all of these entries.
@Suite struct AccountTests {
    private static func entry(_ name: String, uid: Int, _ more: String) -> String {
        """
        dn: uid=\(name),ou=People,dc=example,dc=org
        objectClass: inetOrgPerson
        objectClass: posixAccount
        uid: \(name)
        sn: S
        uidNumber: \(uid)
        gidNumber: 31000
        \(more)


        """
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static let ldif =
        entry("forger", uid: 23001, "cn:: \(base64("x\nroot2:x:0:0:::"))\nhomeDirectory: /home/forger\ngecos: g")
        + entry("mover", uid: 23002, "cn: m\nhomeDirectory:: \(base64("/home/x\nroot2:x:0:0:::"))")
        + entry("climber", uid: 23003, "cn: c\nhomeDirectory: /home/../root")
        + entry("colon", uid: 23004, "cn: c\nhomeDirectory: /home/c\nloginShell: /bin/sh:0")
        + entry("relative", uid: 23005, "cn: c\nhomeDirectory: home/c")
        + entry("shellless", uid: 23006, "cn: zoe\ncn: Zoë B\ndisplayName: Zoë\nhomeDirectory: /data/zoe")
            + """
            dn: cn=primary,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: primary
            gidNumber: 31000

            dn: cn=sha:red,ou=Groups,dc=example,dc=org
            objectClass: posixGroup
            cn: sha:red
            gidNumber: 31001
            memberUid: shellless


            """

    private static let directory = Task {
        try await RealDirectory.start(["--people", "10", "--groups", "0"], ldif: ldif)
    }

    private func outcome(_ name: String, _ accounts: DirectoryTerms.Accounts? = .init()) async throws -> Outcome {
        await People(.of(try await Self.directory.value) { $0.accounts = accounts }).outcome(of: name)
    }

    @Test func `an account is what the entry says, its full name made fit`() async throws {
        #expect(
            try await outcome("u00007").person?.account
                == Account(
                    name: "u00007", uid: 20007, gid: 20000, fullName: "Åsa Öberg", home: "/home/u00007",
                    shell: "/bin/bash"))
        #expect(try await outcome("u00008").person?.account?.fullName == "Bob \"the\" <x>")
        #expect(try await outcome("forger").person?.account?.fullName == "x root2 x 0 0")
        #expect(try await outcome("u00007", nil).person?.account == nil)
    }

    @Test func `who has no shell gets the one that every image has, and the first attribute names the person`()
        async throws
    {
        let account = try #require(try await outcome("shellless").person?.account)
        #expect(account.shell == "/bin/sh" && account.fullName == "Zoë" && account.home == "/data/zoe")
        let other = DirectoryTerms.Accounts(
            fullName: ["cn"], home: .attribute("labeledURI", else: "/homes/{uid}/{name}"), shell: .template("/bin/zsh"))
        let changed = try #require(try await outcome("shellless", other).person?.account)
        #expect(changed.home == "/homes/23006/shellless" && changed.shell == "/bin/zsh")
        #expect(changed.fullName == "Zoë B")
    }

    @Test(arguments: [
        ("mover", "homeDirectory", "has a value with a line break or another control character"),
        ("climber", "homeDirectory", "is no absolute path without `..` and `:`"),
        ("relative", "homeDirectory", "is no absolute path without `..` and `:`"),
        ("colon", "loginShell", "is no absolute path without `..`, `:` and blanks"),
    ])
    func `who would forge a line gets none`(name: String, attribute: String, reason: String) async throws {
        let dn = "uid=\(name),ou=People,dc=example,dc=org"
        #expect(try await outcome(name).error == .valueUnusable(attribute: attribute, entry: dn, reason: reason))
    }

    @Test func `memberships have number and name, the primary group's too`() async throws {
        let person = try #require(try await outcome("shellless").person)
        #expect(
            person.memberships == [Membership(gid: 31000, name: "primary"), Membership(gid: 31001, name: "sha:red")])
        let object = try OverlayTerms().object(of: person, namespace: "n")
        let group = object?.manifest["data"]?["group"]?.string ?? ""
        #expect(group.hasPrefix("primary:x:31000:shellless\ngid-31001:x:31001:shellless\nroot:"))
    }
}
