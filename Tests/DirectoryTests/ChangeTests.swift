// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Directory

/// Whether anything changed, asked of a real slapd: whatever did is seen, what did not is not read again.
@Suite struct ChangeTests {
    private static let suffix = DirectoryTerms.suffix

    /// What an operator may do, each seen by both ways.
    private static let deeds: [(name: String, ldif: String)] = [
        (
            "a person comes",
            """
            dn: uid=newcomer,ou=People,\(suffix)
            changetype: add
            objectClass: inetOrgPerson
            objectClass: posixAccount
            uid: newcomer
            cn: N
            sn: N
            uidNumber: 29000
            gidNumber: 20000
            homeDirectory: /home/n

            """
        ),
        ("a person changes", "dn: uid=u00001,ou=People,\(suffix)\nchangetype: modify\nreplace: cn\ncn: Other\n"),
        (
            "a person is renamed",
            "dn: uid=u00002,ou=People,\(suffix)\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n"
        ),
        ("a person leaves", "dn: uid=u00003,ou=People,\(suffix)\nchangetype: delete\n"),
        (
            "somebody joins a group",
            "dn: cn=g0001,ou=Groups,\(suffix)\nchangetype: modify\nadd: memberUid\nmemberUid: stranger\n"
        ),
        ("a group goes", "dn: cn=g0002,ou=Groups,\(suffix)\nchangetype: delete\n"),
    ]

    private func whole(_ directory: RealDirectory, _ changes: SyncTerms.Changes) -> WholeDirectory {
        WholeDirectory(.of(directory), SyncTerms(changes: changes))
    }

    @Test(arguments: [SyncTerms.Changes.syncrepl, .modifyTimestamp], [0, 1000])
    func `whatever is done is seen once`(changes: SyncTerms.Changes, log: Int) async throws {
        let directory = try await RealDirectory.start(
            ["--people", "20", "--groups", "5", "--session-log", "\(log)"])
        let whole = whole(directory, changes)
        var (mark, hasChanged) = try await whole.changes(since: nil)
        #expect(hasChanged)
        for deed in Self.deeds {
            try directory.change(deed.ldif)
            (mark, hasChanged) = try await whole.changes(since: mark)
            #expect(hasChanged, "\(deed.name)")
            (mark, hasChanged) = try await whole.changes(since: mark)
            #expect(!hasChanged, "after \(deed.name)")
        }
    }

    @Test(arguments: [SyncTerms.Changes.syncrepl, .modifyTimestamp])
    func `what is done while the server forgets is seen after its restart`(changes: SyncTerms.Changes) async throws {
        let directory = try await RealDirectory.start(["--people", "20", "--groups", "5"])
        let whole = whole(directory, changes)
        var (mark, hasChanged) = try await whole.changes(since: nil)
        directory.restart()
        (mark, hasChanged) = try await whole.changes(since: mark)
        #expect(!hasChanged)
        // The log of a server that was started anew does not have it.
        try directory.change("dn: uid=u00003,ou=People,\(Self.suffix)\nchangetype: delete\n")
        directory.restart()
        (mark, hasChanged) = try await whole.changes(since: mark)
        #expect(hasChanged)
        #expect(try await !whole.changes(since: mark).hasChanged)
    }

    @Test(arguments: [
        "rid=000,csn=20990101000000.000000Z#000000#000#000000", "hello", "", "rid=000,csn=nonsense",
        "rid=000,csn=20000101000000.000000Z#000000#000#000000",
    ])
    func `a cookie of another server, another time or nobody makes a whole read, and the next is the server's own`(
        cookie: String
    ) async throws {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "1"])
        let whole = whole(directory, .syncrepl)
        let foreign = ChangeMark(place: .cookies([Array(cookie.utf8), Array(cookie.utf8)]))
        let (mark, hasChanged) = try await whole.changes(since: foreign)
        #expect(hasChanged)
        #expect(try await !whole.changes(since: mark).hasChanged)
    }

    @Test func `a change elsewhere is none, where the server can tell`() async throws {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "1"])
        let whole = whole(directory, .syncrepl)
        let (mark, _) = try await whole.changes(since: nil)
        try directory.change("dn: \(Self.suffix)\nchangetype: modify\nreplace: description\ndescription: x\n")
        let (next, _) = try await whole.changes(since: mark)
        #expect(try await !whole.changes(since: next).hasChanged)
    }

    @Test(arguments: [SyncTerms.Changes.syncrepl, .modifyTimestamp])
    func `a directory that cannot be heard has neither changed nor stayed`(changes: SyncTerms.Changes) async throws {
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "1"])
        let whole = whole(directory, changes)
        let (mark, _) = try await whole.changes(since: nil)
        directory.kill()
        await #expect(throws: DirectoryError.self) { _ = try await whole.changes(since: mark) }
    }

    // MARK: What comes over the line

    @Test func `what a server says of changes is read as RFC 4533 has it`() {
        // SEQUENCE { cookie "c" }, refreshDeletes left out; then TRUE, then FALSE.
        #expect(SyncDone([0x30, 3, 0x04, 1, 0x63])?.cookie == [0x63])
        #expect(SyncDone([0x30, 3, 0x04, 1, 0x63])?.refreshDeletes == false)
        #expect(SyncDone([0x30, 3, 0x01, 1, 0xFF])?.refreshDeletes == true)
        #expect(SyncDone([0x30, 3, 0x01, 1, 0x00])?.refreshDeletes == false)
        #expect(SyncDone([0x30, 0])?.cookie == nil)
        #expect(SyncInformation([0x80, 1, 0x63])?.cookie == [0x63])
        #expect(SyncInformation([0x80, 1, 0x63])?.saysChanged == false)
        #expect(SyncInformation([0xA1, 0])?.saysChanged == false)
        #expect(SyncInformation([0xA2, 0])?.saysChanged == true)
        #expect(SyncInformation([0xA3, 2, 0x31, 0])?.saysChanged == true)
    }

    @Test(arguments: [
        [], [0x30], [0x30, 5, 1], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x80], [0xA1, 2, 4, 9],
    ])
    func `bytes that are no such words are none`(bytes: [UInt8]) {
        #expect(SyncDone(bytes) == nil && SyncInformation(bytes) == nil)
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 500, 65_535, 100_000])
    func `numbers and lengths are written as they are read`(number: Int) throws {
        let parts = try #require(BER.elements(BER.integer(number)[...]))
        #expect(parts.count == 1 && parts[0].content.reduce(0) { $0 << 8 | Int($1) } == number)
        #expect(parts[0].content.first ?? 0 < 128)
        let long = BER.element(BER.octets, Array(repeating: 7, count: number))
        #expect(BER.elements(long[...])?.first?.content.count == number)
    }
}
