// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes
import LabCluster
import SpawnModel
import Synchronization
import Testing

@testable import Directory
@testable import Upkeep

/// Runs that are stopped, doubled or cut off, against a real API server.
@Suite struct FaultTests {
    @Test func `two runs at once end in the right state, and neither fails`() async throws {
        let site = try await SyncSite()
        let former = try Person.many(60)
        _ = await site.run(former)
        let people = Array(former.dropFirst(9)) + (try (100..<160).map { try Person.named("u\($0)", uid: $0 + 20_000) })
        async let one = site.run(people)
        async let other = site.run(people)
        let reports = await [one, other]
        for report in reports { #expect(report.failure == nil && report.unwritten.count == 0) }
        #expect(reports.reduce(0) { $0 + $1.created } == 60 && reports.reduce(0) { $0 + $1.deleted } == 9)
        #expect(try await site.holdsExactly(people))
    }

    @Test func `two runs that mend the same object at once do not undo each other`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(8)
        for round in 0..<5 {
            _ = await site.run(people)
            for person in people {
                let name = try site.name(of: person)
                var forged = try site.object(of: person).manifest
                forged["data"]?["passwd"] = "forged:x:1:1:::\n"
                _ = try await site.cluster.delete(name)
                _ = try await site.cluster.create(forged)
            }
            async let one = site.run(people, readsContents: true)
            async let other = site.run(people, readsContents: true)
            for report in await [one, other] {
                #expect(report.failure == nil && report.unwritten.count == 0, "round \(round): \(report)")
            }
            #expect(try await site.holdsExactly(people))
        }
    }

    @Test func `a replica that no longer leads stops writing, and the next run goes on`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(60)
        let left = Mutex(25)
        let cut = await site.run(
            people,
            mayWrite: {
                left.withLock { left in
                    left -= 1
                    return left >= 0
                }
            })
        #expect(cut.failure == .notLeading && cut.created == 25)
        #expect(try await site.names().count == 25)
        #expect(await site.run(people).created == 35)
        #expect(try await site.holdsExactly(people))
    }

    @Test func `a stopped run writes no further, and the next one goes on`() async throws {
        let site = try await SyncSite()
        let people = try Person.many(400)
        let running = Task { await site.run(people) }
        while try await site.names().isEmpty { await Task.yield() }
        running.cancel()
        let cut = await running.value
        #expect(cut.failure == .stopped && cut.created < 400)
        #expect(await site.run(people).failure == nil)
        #expect(try await site.holdsExactly(people))
    }

    @Test func `an API server that restarts in the middle is waited for`() async throws {
        let site = try await SyncSite(in: try await RealCluster.start())
        let people = try Person.many(1500)
        async let running = site.run(people)
        while try await site.names().isEmpty { await Task.yield() }
        await site.lab.obey("restart-apiserver")
        let report = await running
        #expect(report.failure == nil && report.unwritten.count == 0)
        #expect(try await site.holdsExactly(people))
    }

    @Test func `an API server that stays away ends the run with nothing deleted`() async throws {
        var site = try await SyncSite(in: try await RealCluster.start())
        site.limits.patience = .milliseconds(500)
        let people = try Person.many(20)
        _ = await site.run(people)
        await site.lab.obey("stop-apiserver")
        let report = await site.run(Array(people.dropFirst(2)))
        guard case .cluster(.noAnswer) = report.failure else {
            Issue.record("\(report)")
            return
        }
        await site.lab.obey("start-apiserver")
        #expect(try await site.holdsExactly(people))
    }
}
