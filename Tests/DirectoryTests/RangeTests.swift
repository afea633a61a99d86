// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Directory

/// Answers as Active Directory does, which cannot run here: no more than 1,500 values at once, the plain name empty.
private final class ScriptedSession: DirectorySession {
    let server = "ldap://ad.example.org"
    private let groups: Int
    private let perPage: Int
    private(set) var asked: [DirectorySearch] = []
    /// What a lying server says instead of the page that begins at the number.
    var lie: (first: Int, name: String)?

    init(groups: Int, perPage: Int = 1500) { (self.groups, self.perPage) = (groups, perPage) }

    func search(_ search: DirectorySearch, until deadline: Deadline) throws(DirectoryError) -> [DirectoryEntry] {
        asked.append(search)
        if search.base.hasPrefix("CN=g") {
            let name = Array(search.base.dropFirst(3).prefix { $0 != "," }.utf8)
            return [DirectoryEntry(dn: search.base, values: ["cn": [name]])]
        }
        if search.filter.contains("uidNumber=") { return [] }
        let first = search.attributes.compactMap { $0.split(separator: "=").last.flatMap { Int($0.dropLast(2)) } }.first
        return [page(from: first ?? 0)]
    }

    private func page(from first: Int) -> DirectoryEntry {
        let last = min(first + perPage, groups)
        let values = (first..<last).map { Array("CN=g\($0),OU=Groups,DC=x".utf8) }
        var entry = DirectoryEntry(dn: "CN=Alice,DC=x", values: ["samaccountname": [Array("alice".utf8)]])
        let name = lie.flatMap { $0.first == first ? $0.name : nil }
        if first == 0, groups <= perPage, name == nil {
            entry.values["memberof"] = values
        } else {
            entry.values["memberof"] = []
            entry.values[name ?? "memberof;range=\(first)-\(last == groups ? "*" : "\(last - 1)")"] = values
        }
        return entry
    }
}

@Suite struct RangeTests {
    private let terms = DirectoryTerms(
        servers: ["ldap://ad.example.org"],
        people: .init(base: "DC=x", filter: "(objectClass=user)", name: "sAMAccountName"),
        groups: .init(base: "DC=x", filter: "(objectClass=group)", way: .memberOf(attribute: "memberOf")),
        ids: .init(use: .none))

    private func outcome(_ session: ScriptedSession) -> Outcome {
        do throws(DirectoryError) {
            let reader = PersonReader(session: session, terms: terms, deadline: Deadline(in: .seconds(60)))
            switch try reader.answer(for: "alice") {
            case .person(let person): return .person(person)
            case .unknown: return .unknown
            }
        } catch {
            return .error(error)
        }
    }

    @Test(arguments: [0, 1, 1499, 1500, 1501, 2000])
    func `every value of a list that comes in pieces is read`(count: Int) {
        let session = ScriptedSession(groups: count)
        #expect(outcome(session).person?.groups?.count == count)
    }

    @Test func `a long list is asked for piece by piece, each once`() {
        let session = ScriptedSession(groups: 7, perPage: 3)
        #expect(outcome(session).person?.groups == (0..<7).map { "g\($0)" })
        let attributes: [String] = session.asked.map(\.attributes).reduce([], +)
        #expect(attributes.filter { $0.contains("range") } == ["memberOf;range=3-*", "memberOf;range=6-*"])
    }

    @Test func `more groups than anybody is in are an error`() {
        #expect(outcome(ScriptedSession(groups: 3001)).error != nil)
    }

    @Test(arguments: [
        "memberof;range=0-2", "memberof;range=4-5", "memberof;range=3-9", "memberof;range=3-", "memberof",
    ])
    func `pieces that do not fit together are no answer`(name: String) {
        let session = ScriptedSession(groups: 7, perPage: 3)
        session.lie = (3, name)
        guard case .error(.unreadable) = outcome(session) else {
            Issue.record("\(outcome(session))")
            return
        }
    }
}
