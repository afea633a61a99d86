// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import SpawnModel
import Testing

@testable import Directory
@testable import Upkeep

/// Runs against a real API server.
@Suite struct SyncTests {
    @Test func `everybody gets an object, and a second run writes nothing`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(40)
        let first = await site.run(people)
        #expect(first.created == 40 && first.writes == 40 && first.objects == 40 && first.failure == nil)
        #expect(try await site.holdsExactly(people))
        let before = try await site.objects()
        for readsContents in [false, true] {
            let second = await site.run(people, readsContents: readsContents)
            #expect(second.writes == 0 && second.objects == 40 && second.failure == nil)
        }
        #expect(try await site.objects() == before)
    }

    @Test func `when one person leaves, exactly their object goes`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(12)
        _ = await site.run(people)
        _ = try await site.cluster.create([
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "others", "namespace": JSON(site.namespace)],
        ])
        let before = try await site.names()
        let report = await site.run(Array(people.dropFirst()))
        #expect(report.deleted == 1 && report.writes == 1)
        #expect(try await before.subtracting(site.names()) == [site.object(of: people[0]).name])
    }

    @Test func `a person whose entry somebody broke keeps what they have`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(3)
        _ = await site.run(people)
        let report = await site.run(Array(people.dropFirst()), unusable: ["u0"])
        #expect(report.writes == 0 && report.kept == [.unusableEntry: 1])
        #expect(try await site.holdsExactly(people))
    }

    @Test func `an object that is deleted, relabelled or stripped by hand is made right`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(4)
        _ = await site.run(people)
        _ = try await site.cluster.delete(try site.name(of: people[0]))
        try await site.mark(people[1], ["labels": ["berth.io/user": "u3"]])
        try await site.mark(people[2], ["labels": .null, "annotations": .null])
        let report = await site.run(people)
        #expect(report.failure == nil && report.unwritten.count == 0)
        #expect(try await site.holdsExactly(people))
        #expect(await site.run(people, readsContents: true).writes == 0)
    }

    @Test func `an object that was made anew by hand with other contents is found when contents are read`() async throws
    {
        let site = try await SyncSite()
        let people = try Person.many(3)
        _ = await site.run(people)
        let name = try site.name(of: people[1])
        var forged = try site.object(of: people[1]).manifest
        forged["data"]?["passwd"] = "u1:x:1001:0::/root:/bin/sh\n"
        _ = try await site.cluster.delete(name)
        _ = try await site.cluster.create(forged)
        let report = await site.run(people, readsContents: true)
        #expect(report.restored == 1 && report.writes == 1)
        #expect(try await site.holdsExactly(people))
    }

    @Test func `somebody else's object under a name of ours is left alone, and said`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(2)
        let name = try site.name(of: people[0])
        let foreign = try await site.cluster.create([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": JSON(name.name), "namespace": JSON(site.namespace)], "data": ["a": "1"],
        ])
        let report = await site.run(people)
        #expect(report.created == 1 && report.unwritten.count == 1)
        #expect(report.unwritten.first.first?.contains(name.name) == true)
        #expect(try await site.cluster.get(name) == foreign)
    }

    @Test func `a dry run says what would be written and writes nothing`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(5)
        #expect(await site.run(people, isDryRun: true).created == 5)
        #expect(try await site.names().isEmpty)
    }

    @Test func `a namespace that is not there is said, without waiting for it`() async throws {
        var site = try await SyncSite()
        site.limits.patience = .seconds(3600)
        let now = site.now
        let report = await DirectorySync(site.cluster, limits: site.limits, now: { now }).apply(
            PeopleRead(at: now, try Person.many(1)), as: site.terms,
            in: ["berth-nowhere", site.namespace], SyncRun())
        guard case .cluster(.notFound) = report.failures.first?.error else {
            Issue.record("\(report)")
            return
        }
        #expect(report.failures.count == 1 && report.namespaces.last?.created == 1)
    }
}
