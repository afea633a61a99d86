// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel
import Testing

@testable import Directory
@testable import Upkeep

/// Everybody in shared objects, against a real API server.
@Suite struct SharedTests {
    private func site() async throws -> SyncSite {
        var site = try await SyncSite()
        site.terms = OverlayTerms(objects: .shared)
        return site
    }

    private func passwd(_ site: SyncSite) async throws -> String {
        try await site.objects().values.compactMap { $0["data"]?["passwd"]?.string }.joined()
    }

    @Test func `one object holds everybody, and a second run writes nothing`() async throws {
        let site = try await site()
        let people = try Person.many(30)
        let first = await site.run(people)
        #expect(first.created == 1 && first.objects == 1 && first.failure == nil)
        let before = try await site.objects()
        #expect(await site.run(people).writes == 0)
        #expect(try await site.objects() == before)
        #expect(try await passwd(site).contains("u29:x:20029:20000:"))
    }

    @Test func `somebody who comes or goes changes it, whatever else is in it`() async throws {
        let site = try await site()
        let people = try Person.many(30)
        _ = await site.run(people)
        #expect(await site.run(Array(people.dropFirst())).restored == 1)
        #expect(try await !passwd(site).contains("u0:x:"))
    }

    @Test func `what somebody changes in it by hand is changed back`() async throws {
        let site = try await site()
        let people = try Person.many(3)
        _ = await site.run(people)
        let name = try #require(try await site.names().first)
        _ = try await site.cluster.patch(
            ObjectName(.configMap, in: site.namespace, name), .merge, ["data": ["passwd": "root2:x:0:0:::\n"]])
        #expect(await site.run(people).restored == 1)
        #expect(try await !passwd(site).contains("root2"))
    }

    @Test func `a directory that lost too many people changes nothing until an operator says so`() async throws {
        let site = try await site()
        let people = try Person.many(10)
        _ = await site.run(people)
        let before = try await site.objects()
        let refused = await site.run(Array(people.prefix(7)), unusable: [])
        #expect(refused.refusal?.lost == 3 && refused.refusal?.people == 10 && refused.writes == 0)
        #expect(try await site.objects() == before)
        #expect(await site.run(Array(people.prefix(7)), acceptsShrink: true).restored == 1)
    }
}
