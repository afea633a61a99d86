// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONTree
import Testing

/// Configurations of public sites, written in this language: each must do what its operators say it does.
@Suite struct SitesTests {
    @Test(arguments: SiteFolder.all)
    func `a site gives each person what its operators say`(_ folder: SiteFolder) async throws {
        let result = await SiteResult.of(folder)
        for finding in result.wrong { Issue.record("\(folder.name): \(finding)") }
        for surprise in result.nowHolds {
            Issue.record("\(folder.name): \(surprise): this holds now, so take its `cannot` away")
        }
    }

    @Test(arguments: SiteFolder.all)
    func `no expectation holds with a misprint in it`(_ folder: SiteFolder) async throws {
        let site = try folder.expectation()
        var hubs = SiteHubs(folder, site)
        defer { hubs.close() }
        let cases = try YAMLFile.json(folder.text(of: "expect.yaml"))["cases"]?.array ?? []
        for misprint in cases.filter({ $0["cannot"] == nil }).flatMap(Misprint.all) {
            let aCase = try Case(misprint.aCase, pod: site.hubPod, folder.name)
            let findings = try await CaseRun.findings(of: aCase, site, at: hubs.hub(of: aCase))
            #expect(!findings.isEmpty, "\(folder.name), \(aCase.it): nobody looks at \(misprint.place)")
        }
    }

    @Test func `every site of the list is there, and the numbers that it lacks are composed ones`() throws {
        let numbers = SiteFolder.all.map { String($0.name.prefix(3)) }
        #expect(numbers == (1...27).map { $0 < 10 ? "c0\($0)" : "c\($0)" })
        for folder in SiteFolder.all {
            let isComposed = try folder.expectation().sources.isEmpty
            #expect(isComposed == ["c10", "c16", "c19", "c26"].contains(folder.name.prefix(3)), "\(folder.name)")
        }
    }

    @Test func `each of the 58 features is one that some site needs`() throws {
        let needed = try Set(SiteFolder.all.flatMap { try $0.expectation().features })
        let all = Set((1...58).map { $0 < 10 ? "F0\($0)" : "F\($0)" })
        #expect(needed.subtracting(all).sorted() == [], "no such feature")
        #expect(all.subtracting(needed).sorted() == [], "needed by no site here")
    }

    @Test func `each of the odd ones is shown by a case`() throws {
        let shown = try Set(SiteFolder.all.flatMap { try $0.expectation().cases.compactMap(\.odd) })
        #expect(shown.sorted() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 17, 18, 19, 21, 22])
    }

    @Test func `a site is expressed fully unless it says what is missing`() async throws {
        var results: [SiteResult] = []
        for folder in SiteFolder.all { results.append(await SiteResult.of(folder)) }
        print(SitesTable.text(results))
        try SitesTable.write(results)
        #expect(results.filter { $0.gaps.isEmpty && !$0.isFull }.map(\.name) == [])
    }
}
