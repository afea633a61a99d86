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
    }

    @Test(arguments: [1, 7, 500, 5000])
    func `the size of pages makes no difference, and one that the server refuses gets smaller`(size: Int) async throws {
        let directory = try await RealDirectory.start(["--people", "120", "--groups", "20", "--page-limit", "50"])
        let terms = terms(directory, "rfc2307")
        let snapshot = try await WholeDirectory(terms, SyncTerms(pageSize: size)).snapshot()
        #expect(snapshot.peopleCount == 120 && snapshot.groupCount == 20)
        #expect(Set(snapshot.persons.map(\.name)).count == 120)
    }
}
