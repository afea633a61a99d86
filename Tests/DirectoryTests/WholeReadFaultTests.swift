// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import Directory

/// Whatever keeps a read from being whole, nothing comes of it.
@Suite struct WholeReadFaultTests {
    private func error(_ terms: DirectoryTerms, _ sync: SyncTerms = SyncTerms()) async -> DirectoryError? {
        do throws(DirectoryError) {
            _ = try await WholeDirectory(terms, sync).snapshot()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a server that stops at its limit over all pages has not said all`() async throws {
        let directory = try await RealDirectory.start(["--people", "40", "--groups", "5", "--paged-limit", "30"])
        #expect(
            await error(.of(directory), SyncTerms(pageSize: 10)) == .incomplete(server: directory.facts.ldap, .size))
    }

    @Test func `a base that is gone or hidden is an error, of groups too`() async throws {
        let directory = try await RealDirectory.plain.value
        let server = directory.facts.ldap
        let gone = "ou=Gone,\(DirectoryTerms.suffix)"
        #expect(await error(.of(directory) { $0.people.base = gone }) == .baseMissing(server: server, base: gone))
        #expect(await error(.of(directory) { $0.groups?.base = gone }) == .baseMissing(server: server, base: gone))
        let hidden = try await RealDirectory.start(["--people", "3", "--groups", "1", "--strangers", "search"])
        let error = await error(.of(hidden))
        #expect(error == .baseMissing(server: hidden.facts.ldap, base: "ou=People,\(DirectoryTerms.suffix)"))
    }

    @Test func `a directory without anybody is one, where its base can be seen`() async throws {
        let directory = try await RealDirectory.start(["--people", "0", "--groups", "0"])
        let snapshot = try await WholeDirectory(.of(directory), SyncTerms()).snapshot()
        #expect(snapshot.peopleCount == 0 && snapshot.groupCount == 0)
    }

    @Test func `a part that is on another server makes the read incomplete`() async throws {
        let ldif = """
            dn: ou=Away,ou=People,dc=example,dc=org
            objectClass: referral
            objectClass: extensibleObject
            ou: Away
            ref: ldap://127.0.0.1:1/ou=Away,dc=example,dc=org


            """
        let directory = try await RealDirectory.start(["--people", "3", "--groups", "0"], ldif: ldif)
        #expect(
            await error(.of(directory))
                == .referred(server: directory.facts.ldap, base: "ou=People,\(DirectoryTerms.suffix)"))
    }

    @Test func `a server that is killed between two pages gives nothing`() async throws {
        let directory = try await RealDirectory.start(["--people", "40", "--groups", "0"])
        let terms = DirectoryTerms.of(directory)
        let connection = try LDAPConnection(to: directory.facts.ldap, terms, until: Deadline(in: .seconds(20)))
        let session = Interrupted(connection, after: 2) { directory.kill() }
        var read = WholeRead(session, terms, SyncTerms(pageSize: 10), until: Deadline(in: .seconds(20)))
        let error = #expect(throws: DirectoryError.self) { try read.snapshot() }
        guard case .lost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(session.pagesAsked == 3)
    }

    @Test func `a server that stalls between two pages is waited for as long as a page may take`() async throws {
        let directory = try await RealDirectory.start(["--people", "40", "--groups", "0"])
        let connection = try LDAPConnection(
            to: directory.facts.ldap, .of(directory), until: Deadline(in: .seconds(20)))
        let session = Interrupted(connection, after: 2) { directory.stall() }
        let sync = SyncTerms(pageSize: 10, pageTimeout: .milliseconds(300))
        var read = WholeRead(session, .of(directory), sync, until: Deadline(in: .seconds(60)))
        #expect(throws: DirectoryError.timedOut(server: directory.facts.ldap)) { try read.snapshot() }
        #expect(session.pagesAsked == 3)
        kill(directory.facts.pid, SIGCONT)
    }

    @Test func `a server that falls silent is waited for as long as a page may take`() async throws {
        let silent = try SilentListener()
        let terms = DirectoryTerms.of(try await RealDirectory.plain.value) {
            $0.servers = ["ldap://127.0.0.1:\(silent.port)"]
            $0.startsTLS = false
            $0.costs.connectTimeout = .milliseconds(300)
        }
        // A bind that is never answered, then a page.
        let error = await error(terms, SyncTerms(timeout: .milliseconds(300)))
        #expect(error == .timedOut(server: terms.servers[0]) || error == .late(.milliseconds(300)))
    }

    // MARK: What real servers cannot be made to do

    @Test func `a server that loses its place is read again from the start`() throws {
        let session = ScriptedPages(losesPlace: 1)
        var read = WholeRead(session, session.terms, SyncTerms(pageSize: 2), until: Deadline(in: .seconds(60)))
        let snapshot = try read.snapshot()
        #expect(Set(snapshot.persons.map(\.name)) == ["p0", "p1", "p2", "p3", "p4"])
        #expect(
            session.log == [
                "people ", "people 2", "people ", "people 2", "people 4", "people 6", "groups ", "groups 2",
            ])
    }

    @Test func `one that never keeps its place gives nothing`() {
        let session = ScriptedPages(losesPlace: 100)
        var read = WholeRead(session, session.terms, SyncTerms(pageSize: 2), until: Deadline(in: .seconds(60)))
        #expect(throws: DirectoryError.self) { try read.snapshot() }
    }

    @Test func `a page that is refused in the middle for its size is no end`() {
        let session = ScriptedPages(refusesLater: true)
        var read = WholeRead(session, session.terms, SyncTerms(pageSize: 2), until: Deadline(in: .seconds(60)))
        #expect(throws: DirectoryError.incomplete(server: session.server, .administrative)) { try read.snapshot() }
    }

    @Test func `no page is asked for after the whole time is over`() {
        let session = ScriptedPages()
        var read = WholeRead(session, session.terms, SyncTerms(), until: Deadline(in: .zero))
        #expect(throws: DirectoryError.timedOut(server: session.server)) { try read.snapshot() }
        #expect(session.log.isEmpty)
    }

    @Test func `members that come in pieces, as Active Directory sends them, are all members`() throws {
        let session = ScriptedPages(membersAtOnce: 2)
        var read = WholeRead(session, session.terms, SyncTerms(), until: Deadline(in: .seconds(60)))
        for person in try read.snapshot().persons { #expect(person.groups == ["all"]) }
    }
}

/// A real connection, with something done before a certain page.
private final class Interrupted: PagedSession {
    private let connection: LDAPConnection
    private let pages: Int
    private let interrupt: () -> Void
    private(set) var pagesAsked = 0

    init(_ connection: LDAPConnection, after pages: Int, _ interrupt: @escaping () -> Void) {
        (self.connection, self.pages, self.interrupt) = (connection, pages, interrupt)
    }

    var server: String { connection.server }

    func search(_ search: DirectorySearch, until deadline: Deadline) throws(DirectoryError) -> [DirectoryEntry] {
        try connection.search(search, until: deadline)
    }

    func page(
        _ search: DirectorySearch, size: Int, after cookie: [UInt8], until deadline: Deadline,
        _ each: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> PageEnd {
        if pagesAsked == pages { interrupt() }
        pagesAsked += 1
        return try connection.page(search, size: size, after: cookie, until: deadline, each)
    }
}

/// Five people, and one group with all of them.
private final class ScriptedPages: PagedSession {
    let server = "ldap://ad.example.org"
    let terms = DirectoryTerms(
        servers: ["ldap://ad.example.org"], people: .init(base: "OU=P", filter: "people"),
        groups: .init(base: "OU=G", filter: "groups", way: .members(attributes: ["member"])), ids: .init(use: .none))
    private var losesPlace: Int
    private let refusesLater: Bool
    private let membersAtOnce: Int
    private(set) var log: [String] = []

    init(losesPlace: Int = 0, refusesLater: Bool = false, membersAtOnce: Int = 100) {
        (self.losesPlace, self.refusesLater, self.membersAtOnce) = (losesPlace, refusesLater, membersAtOnce)
    }

    private let people = (0..<5).map {
        DirectoryEntry(dn: "CN=p\($0),OU=P", values: ["uid": [Array("p\($0)".utf8)]])
    }

    private func group(from first: Int) -> DirectoryEntry {
        let last = min(first + membersAtOnce, people.count)
        let end = last == people.count ? "*" : "\(last - 1)"
        let name = membersAtOnce < people.count ? "member;range=\(first)-\(end)" : "member"
        var entry = DirectoryEntry(dn: "CN=all,OU=G", values: ["cn": [Array("all".utf8)], "member": []])
        entry.values[name] = people[first..<last].map { Array($0.dn.utf8) }
        return entry
    }

    func search(_ search: DirectorySearch, until deadline: Deadline) throws(DirectoryError) -> [DirectoryEntry] {
        let first = search.attributes.compactMap { $0.split(separator: "=").last.flatMap { Int($0.dropLast(2)) } }.first
        return [group(from: first ?? 0)]
    }

    func page(
        _ search: DirectorySearch, size: Int, after cookie: [UInt8], until deadline: Deadline,
        _ each: (DirectoryEntry) throws(DirectoryError) -> Void
    ) throws(DirectoryError) -> PageEnd {
        let text = String(decoding: cookie, as: UTF8.self)
        log.append("\(search.filter) \(text)")
        if !cookie.isEmpty, refusesLater { return .sizeRefused }
        if !cookie.isEmpty, losesPlace > 0 {
            losesPlace -= 1
            return .cookieRefused
        }
        let entries = search.filter == "people" ? people : [group(from: 0)]
        let first = Int(text) ?? 0
        for entry in entries.dropFirst(first).prefix(size) { try each(entry) }
        // Active Directory may end with an empty page.
        return .cookie(first + size > entries.count + 1 ? [] : Array("\(first + size)".utf8))
    }
}
