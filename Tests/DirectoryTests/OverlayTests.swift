// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Directory

/// What stands in the files that a container knows its user by, whatever a directory holds.
@Suite struct OverlayTests {
    private func account(
        _ name: String = "alice", uid: Int = 20001, gid: Int = 20000, fullName: String = "Alice",
        home: String = "/home/alice", shell: String = "/bin/bash"
    ) throws(AccountFault) -> Account {
        try Account(name: name, uid: uid, gid: gid, fullName: fullName, home: home, shell: shell)
    }

    private func fields(_ text: String) -> [[String]] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    private func group(_ overlay: Overlay, gid: Int) -> [String]? {
        fields(overlay.group).first { $0[2] == String(gid) }
    }

    // MARK: Accounts

    @Test(arguments: [
        "/home/x\nroot2:x:0:0:::", "/home/x:y", "home/x", "", "/home/../root", "/..", "/a\u{0}b", "/a\u{2028}b",
    ])
    func `a home that leaves its field, its line or its place is refused`(home: String) {
        #expect(throws: AccountFault.home) { try account(home: home) }
    }

    @Test(arguments: ["/bin/sh:", "bash", "/bin/sh -c x", "/bin/../sh", "/bin/sh\n", ""])
    func `so is such a shell`(shell: String) {
        #expect(throws: AccountFault.shell) { try account(shell: shell) }
    }

    @Test(arguments: ["root:x", "a,b", "A b", "", "-x", "a\nb", "ä"])
    func `a name that is none is refused`(name: String) {
        #expect(throws: AccountFault.name) { try account(name) }
    }

    @Test(arguments: [0, -1, 65_534, 65_535, 2_147_483_648, 4_294_967_295])
    func `ids of others are refused, the primary group's too`(id: Int) {
        #expect(throws: AccountFault.id(id)) { try account(uid: id) }
        #expect(throws: AccountFault.id(id)) { try account(gid: id) }
    }

    @Test(arguments: [
        ("Bob, \"the\" <x>", "Bob \"the\" <x>"), ("a\nroot2:x:0:0:::", "a root2 x 0 0"),
        ("  Åsa \t Öberg ", "Åsa Öberg"),
        (",,,", ""), ("a:\u{301}b", "a \u{301}b"),
        (String(repeating: "é", count: 300), String(repeating: "é", count: 128)),
    ])
    func `a full name is made fit, since nothing is decided by it`(written: String, shown: String) throws {
        #expect(try account(fullName: written).fullName == shown)
    }

    // MARK: Files

    @Test func `the person's line comes first, and base accounts stay`() throws {
        let overlay = try Overlay(account(), memberships: [Membership(gid: 20000, name: "staff")])
        #expect(
            overlay.passwd.hasPrefix("alice:x:20001:20000:Alice:/home/alice:/bin/bash\nroot:x:0:0:root:/root:/bin/sh\n")
        )
        #expect(overlay.nsswitch == nil)
        // `staff` is a base group with another number.
        #expect(group(overlay, gid: 20000) == ["staff-20000", "x", "20000", "alice"])
        #expect(group(overlay, gid: 50) == ["staff", "x", "50", ""])
    }

    @Test func `every number that the pod carries has one name, the person alone in it`() throws {
        let memberships = [
            Membership(gid: 30001, name: "1proj"), Membership(gid: 30002, name: "beam users"),
            Membership(gid: 30003, name: "daemon"), Membership(gid: 30004, name: "a:x"),
            Membership(gid: 30005, name: "gid-30006"), Membership(gid: 30007, name: "twin"),
            Membership(gid: 30008, name: "twin"), Membership(gid: 30007, name: "other"),
            Membership(gid: 30009, name: "12345"), Membership(gid: 100, name: "users"),
            Membership(gid: 44, name: "cinema"),
        ]
        let overlay = try Overlay(account(), memberships: memberships, gids: [30006, 30010])
        let names = [
            20000: "gid-20000", 30001: "1proj", 30002: "beam users", 30003: "daemon-30003", 30004: "gid-30004",
            30005: "gid-30006", 30006: "gid-30006-2", 30007: "other", 30008: "twin", 30009: "gid-30009",
            30010: "gid-30010", 100: "users", 44: "cinema",
        ]
        for (gid, name) in names { #expect(group(overlay, gid: gid) == [name, "x", "\(gid)", "alice"]) }
        let lines = fields(overlay.group)
        #expect(Set(lines.map { $0[0] }).count == lines.count)
        #expect(lines.contains(["daemon", "x", "1", ""]) && lines.contains(["video", "x", "44", ""]))
    }

    @Test func `nobody takes a base account's name, and one with the person's number keeps only its own`() throws {
        #expect(throws: OverlayError.nameTaken(name: "daemon", uid: 1)) {
            try Overlay(account("daemon"), memberships: [])
        }
        let base = try BaseAccounts(
            passwd: "jovyan:x:20001:100::/home/jovyan:/bin/bash\n", group: "# none\n\nusers:x:100:jovyan\n")
        let overlay = try Overlay(account(), memberships: [], base: base)
        #expect(fields(overlay.passwd).map { $0[0] } == ["alice", "jovyan"])
        #expect(overlay.group == "gid-20000:x:20000:alice\nusers:x:100:\n")
        let same = try Overlay(account("jovyan"), memberships: [], base: base)
        #expect(fields(same.passwd) == [["jovyan", "x", "20001", "20000", "Alice", "/home/alice", "/bin/bash"]])
    }

    @Test func `any name and group gives lines of seven and of four fields`() throws {
        var random = Seeded()
        let signs = Array("az09:,\n\r\u{0}\u{85}\u{2028}/.-+# é\u{301}𝄞\"\\{}")
        func text() -> String {
            String((0..<Int.random(in: 0...6, using: &random)).map { _ in signs.randomElement(using: &random)! })
        }
        var made = 0
        for _ in 0..<5000 {
            guard let one = try? account(fullName: text(), home: "/" + text(), shell: "/bin" + text()) else { continue }
            made += 1
            let groups = (0..<4).map { Membership(gid: 30000 + $0, name: text()) }
            let overlay = try Overlay(one, memberships: groups)
            let (passwd, group) = (fields(overlay.passwd), fields(overlay.group))
            #expect(passwd.allSatisfy { $0.count == 7 }, "seed \(random.seed)")
            #expect(passwd.count == 1 + BaseAccounts.usual.users.count, "seed \(random.seed)")
            #expect(group.allSatisfy { $0.count == 4 }, "seed \(random.seed)")
            #expect(group.count == 5 + BaseAccounts.usual.groups.count, "seed \(random.seed)")
        }
        #expect(made > 100)
    }

    @Test(arguments: [
        ("root:x:0:0:root:/root\n", 1), ("a:x:1:1:::\nb:x:y:1:::\n", 2), ("a:x:1:1:::\na:x:2:2:::\n", 2),
        ("+::::::\n", 1), ("a:x:1:1:\u{301}::b:c\n", 1), ("a:x:1:1:::\r\n", 1), ("a:x:4294967295:1:::\n", 1),
    ])
    func `a base file with a line that is none is refused by its number`(text: String, line: Int) {
        #expect(throws: BaseAccountsFault(line: line, isPasswd: true)) { try BaseAccounts(passwd: text, group: nil) }
    }
}
