// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel
import Testing

@testable import Directory
@testable import Upkeep

/// What is not deleted, against a real API server.
@Suite struct KeepingTests {
    @Test func `an older overlay stays for as long as a pod mounts it`() async throws {
        let site = try await SyncSite()
        let (former, newer) = (
            try Person.named("ada", uid: 20_001), try Person.named("ada", uid: 20_001, groups: ["g"])
        )
        _ = await site.run([former])
        let pod = try await site.mount(former)
        let report = await site.run([newer])
        #expect(report.created == 1 && report.deleted == 0 && report.kept == [.mounted: 1])
        #expect(try await site.names() == [site.object(of: former).name, site.object(of: newer).name])

        _ = try await site.cluster.delete(pod)
        #expect(await site.run([newer]).deleted == 1)
        #expect(try await site.holdsExactly([newer]))
    }

    @Test func `a pod that has ended keeps nothing`() async throws {
        let site = try await SyncSite()
        let (former, newer) = (
            try Person.named("ada", uid: 20_001), try Person.named("ada", uid: 20_001, groups: ["g"])
        )
        _ = await site.run([former])
        let pod = try await site.mount(former)
        try await site.lab.end(pod)
        #expect(await site.run([newer]).deleted == 1)
    }

    @Test func `an overlay that was made just now stays, since its pod may be on its way`() async throws {
        var site = try await SyncSite()
        site.ahead = .seconds(60)
        let (spawned, known) = (
            try Person.named("ada", uid: 20_001, groups: ["g"]), try Person.named("ada", uid: 20_001)
        )
        _ = try await site.cluster.create(try site.object(of: spawned).manifest)
        #expect(await site.run([known]).kept == [.fresh: 1])
    }

    @Test func `an old overlay that a spawn has asked for again stays`() async throws {
        let site = try await SyncSite()
        let (former, newer) = (
            try Person.named("ada", uid: 20_001), try Person.named("ada", uid: 20_001, groups: ["g"])
        )
        _ = await site.run([former])
        try await site.mark(former, ["annotations": [OverlayKeys.neededAt: JSON("\(site.now + .seconds(-10))")]])
        #expect(await site.run([newer]).kept == [.fresh: 1])
    }

    @Test func `an overlay that a spawn asks for after it was listed is not deleted`() async throws {
        let site = try await SyncSite()
        let ada = try Person.named("ada", uid: 20_001)
        _ = await site.run([ada])
        let name = try site.name(of: ada)
        let seen = try #require(try await site.cluster.get(name)?["metadata"])
        try await site.mark(ada, ["annotations": [OverlayKeys.neededAt: JSON("\(site.now)")]])
        let writer = ObjectWriter(cluster: site.cluster, patience: Patience(span: .seconds(10)), mayWrite: { true })
        let isDeleted = try await writer.delete(
            name, uid: seen["uid"]?.string, resourceVersion: seen["resourceVersion"]?.string)
        #expect(!isDeleted)
        #expect(try await site.cluster.get(name) != nil)
    }

    @Test func `somebody who came after the directory was read keeps what their spawn made`() async throws {
        var site = try await SyncSite()
        let people = try Person.many(3)
        _ = await site.run(people)
        // The directory was read a minute ago, by the cluster's clock.
        site.ahead = .seconds(-60)
        let report = await site.run(Array(people.dropLast()))
        #expect(report.kept == [.fresh: 1] && report.deleted == 0)
    }

    @Test func `a directory that lost too many people deletes nothing until an operator says so`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(10)
        _ = await site.run(people)
        let rest = Array(people.prefix(7)) + [try Person.named("new", uid: 40_000)]
        let refused = await site.run(rest)
        #expect(refused.refusal?.people == 10 && refused.refusal?.lost == 3)
        #expect(refused.created == 1 && refused.deleted == 0 && refused.kept == [.shrink: 3])
        #expect(try await site.holdsExactly(people + [rest[7]]))

        let accepted = await site.run(rest, acceptsShrink: true)
        #expect(accepted.deleted == 3 && accepted.refusal == nil)
        #expect(try await site.holdsExactly(rest))
    }

    @Test func `a directory that is empty deletes nothing, however few there were`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(1)
        _ = await site.run(people)
        #expect(await site.run([]).refusal != nil)
        #expect(try await site.holdsExactly(people))
    }
}
