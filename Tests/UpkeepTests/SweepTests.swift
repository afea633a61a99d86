// SPDX-License-Identifier: Apache-2.0
import GPULedger
import JSONTree
import Kubernetes
import LabCluster
import SpawnModel
import Synchronization
import Testing

@testable import Upkeep

/// Rounds of the sweep over a real API server, by a real ledger.
@Suite struct SweepTests {
    @Test func `what an ended start has left goes, and what another start has stays`() async throws {
        let site = try await SweepSite()
        let (ended, held) = (try await site.hold("ada"), try await site.hold("bo"))
        try await site.make(for: ended.id)
        try await site.make(for: held.id)
        await site.sweep()
        #expect(try await site.counts() == [2, 2, 2, 2])
        try await site.end(ended)
        await site.sweep()
        #expect(try await site.counts() == [1, 1, 1, 1])
        try await site.end(held)
        await site.sweep()
        #expect(try await site.counts() == [0, 0, 0, 0])
    }

    @Test func `nothing goes before it was left over for the grace`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        let sweeper = site.sweeper(SweepLimits())
        for _ in 0..<2 { await sweeper.turn(site.setting) { true } }
        #expect(try await site.counts() == [1, 1, 1, 1])
    }

    @Test func `a pod keeps what its reservation had until it has ended`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        let pod = try await site.pod(of: reservation.id)
        await site.sweep()
        #expect(try await site.counts() == [1, 1, 1, 1])
        try await site.lab.end(pod)
        await site.sweep()
        #expect(try await site.counts() == [0, 0, 0, 0])
    }

    @Test func `what others made, what stays for the user, and another deployment's is never touched`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.end(reservation)
        for changes: [String: String?] in [
            [ObjectLabel.managedBy: nil], [ObjectLabel.managedBy: "helm"], [ObjectLabel.lifetime: "user"],
            [ObjectLabel.lifetime: "keep"], [ObjectLabel.reservation: nil], [ObjectLabel.deployment: "staging"],
        ] { try await site.make(for: reservation.id, changes) }
        await site.sweep()
        #expect(try await site.counts() == [6, 6, 6, 6])
    }

    @Test func `a reservation that the ledger does not know has had its time, too`() async throws {
        let site = try await SweepSite()
        try await site.make(for: "of-a-lost-ledger")
        var limits = SweepLimits.noGrace
        limits.graceUnknown = .seconds(3600)
        await site.sweep(limits)
        #expect(try await site.counts() == [1, 1, 1, 1])
        await site.sweep()
        #expect(try await site.counts() == [0, 0, 0, 0])
    }

    @Test func `what the ledger has forgotten stays for its living pod, and goes once that has ended`() async throws {
        let site = try await SweepSite()
        let (lives, ended) = (try await site.hold("ada"), try await site.hold("bo"))
        for reservation in [lives, ended] {
            try await site.make(for: reservation.id)
            try await site.end(reservation)
        }
        let pod = try await site.pod(of: lives.id)
        try await site.forgetAll()
        #expect(try await site.ledger.states(of: [lives.id, ended.id]).isEmpty)
        var limits = SweepLimits.noGrace
        limits.graceUnknown = .seconds(3600)
        await site.sweep(limits)
        #expect(try await site.counts() == [2, 2, 2, 2])
        await site.sweep()
        #expect(try await site.counts() == [1, 1, 1, 1])
        try await site.lab.end(pod)
        await site.sweep()
        #expect(try await site.counts() == [0, 0, 0, 0])
    }

    @Test func `where the ledger cannot be read nothing goes`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        await site.ledger.close()
        await site.sweep()
        #expect(try await site.counts() == [1, 1, 1, 1])
    }

    @Test(arguments: SweepSite.kinds + [.pod])
    func `where one list cannot be read nothing goes`(unread: ObjectKind) async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        let account = try await site.account(
            may: (SweepSite.kinds + [.pod]).map { ($0, $0 == unread ? ["delete"] : ["list", "delete"]) })
        await site.sweep(as: account)
        #expect(try await site.counts() == [1, 1, 1, 1])
    }

    @Test func `list and delete on the four kinds and list on pods is all it takes`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        let account = try await site.account(
            may: SweepSite.kinds.map { ($0, ["list", "delete"]) } + [(.pod, ["list"])])
        await site.sweep(as: account)
        #expect(try await site.counts() == [0, 0, 0, 0])
    }

    @Test func `an object that was changed since it was listed stays`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        let name = try await site.make(.secret, for: reservation.id)
        try await site.end(reservation)
        let round = SweepRound(site.lab.admin, site.ledger, site.setting, .noGrace, mayWrite: { true })
        let plan = try await round.plan([:])
        #expect(plan.deletions.map(\.name) == [name])
        _ = try await site.lab.admin.patch(
            name, .merge, ["metadata": ["labels": ["berth.io/lifetime": "keep"]]])
        var deleted = 0
        try await round.delete(plan.deletions) { _ in deleted += 1 }
        #expect(try await site.counts() == [1, 0, 0, 0] && deleted == 0)
    }

    @Test func `a replica that no longer leads deletes no further`() async throws {
        let site = try await SweepSite()
        let reservation = try await site.hold("ada")
        try await site.make(for: reservation.id)
        try await site.end(reservation)
        let left = Mutex(1)
        await site.sweep {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
        #expect(try await site.counts().reduce(0, +) == 3)
    }
}
