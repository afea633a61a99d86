// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

// Pods that come, do not come, come twice, and do not go.
extension HardCaseTests {
    @Test func `E5: a hold whose pod never comes lapses after a look at the cluster, not before`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        stage.now = stage.now + .seconds(331)
        #expect(try await stage.ledger.expire(now: stage.now) == [])
        #expect(try await stage.look(age: .seconds(2)).ended == [])
        #expect(try await stage.look(isComplete: false).ended == [])
        #expect(try await stage.look().ended.map(\.id) == [held.id])
        #expect(try await stage.state(held) == .expired)
    }

    @Test func `E6: a pod that comes after its reservation has lapsed is adopted where it fits`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("late", of: held)
        stage.pods = [:]
        try await stage.pass(331)
        #expect(try await stage.state(held) == .expired)
        stage.pods["late"] = stray("late", on: held.placement[0].node, reservationID: held.id)
        let adopted = try #require(try await stage.pass(5).changed.first)
        #expect(adopted.id != held.id && adopted.state == .bound && adopted.server == held.server)
        #expect(try await stage.ledger.entries(after: 0).last?.cause == .late)
        #expect(try await stage.state(held) == .expired)
        #expect(stage.free() == 3)
    }

    @Test func `E6: a late pod without room is foreign, and raises an alarm`() async throws {
        var stage = try await Stage.seen(Stage.one)
        let held = try #require(try await stage.hold())
        try await stage.pass(331)
        let other = try #require(try await stage.hold("bo"))
        stage.pods["late"] = stray("late", on: "a", reservationID: held.id)
        let seen = try await stage.pass(5)
        #expect(seen.alarms == [.late(podUID: "late", reservationID: held.id)])
        #expect(seen.foreign.map(\.reason) == [.reservationEnded])
        #expect(seen.deficits == ["nvidia.com/gpu": 1])
        #expect(try await stage.state(other) == .held)
    }

    @Test func `E7: a pod that is made twice under one reservation is charged once and its first does not end it`()
        async throws
    {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("first", of: held, isStarted: false)
        try await stage.pass(5)
        #expect(try await stage.state(held) == .bound)
        stage.change("first", isTerminating: true)
        try await stage.pass(5)
        stage.pods = [:]
        #expect(try await stage.pass(5).ended == [])
        try await stage.pod("second", of: held)
        try await stage.pass(5)
        #expect(try await stage.state(held) == .running)
        #expect(stage.free() == 3)
        stage.pods = [:]
        try await stage.pass(400)
        #expect(try await stage.state(held) == .released)
    }

    @Test func `E8: a pod that stays pending keeps its place and raises an alarm`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        stage.pods["p"] = try await stage.pod("p", of: held, isStarted: false)
        #expect(try await stage.pass(300).alarms == [])
        #expect(try await stage.pass(300).alarms == [.boundTooLong(reservationID: held.id)])
        #expect(try await stage.state(held) == .bound)
        #expect(stage.free() == 3)
    }

    @Test func `E9: a pod that the kubelet refuses frees its place and makes its node suspect for two minutes`()
        async throws
    {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        let node = held.placement[0].node
        try await stage.pod("p", of: held, isStarted: false)
        stage.change("p", phase: .failed, reason: "UnexpectedAdmissionError")
        let seen = try await stage.pass(5)
        #expect(try await stage.state(held) == .failed)
        #expect(seen.withheld.map(\.node) == [node] && seen.withheld.map(\.reason) == [.suspect])
        let retry = try #require(try await stage.hold(start: "2"))
        #expect(retry.placement.map(\.node) != [node])
        #expect(stage.free() == 1)
        try await stage.pass(121)
        #expect(stage.free() == 3)
    }

    @Test func `E10: a pod that takes long to end keeps its place`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        try await stage.pod("p", of: held)
        try await stage.pass(5)
        stage.change("p", isTerminating: true)
        for _ in 0..<20 { try await stage.pass(60) }
        #expect(try await stage.state(held) == .releasing)
        #expect(stage.free() == 3)
        stage.pods = [:]
        try await stage.pass(5)
        #expect(try await stage.state(held) == .released)
    }

    @Test func `E19: a stop before the pod waits for it, adopts it when it comes and cancels when it does not`()
        async throws
    {
        var stage = try await Stage.seen()
        let (coming, missing) = (try #require(try await stage.hold("ana")), try #require(try await stage.hold("bo")))
        for held in [coming, missing] {
            _ = try await stage.ledger.bind(held.id, server: held.server, now: stage.now)
            let outcome = try await stage.ledger.release(held.server, start: nil, now: stage.now)
            guard case .releasing = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
        #expect(try await stage.pass(5).ended == [])
        try await stage.pod("p", of: coming)
        try await stage.pass(5)
        #expect(try await stage.state(coming) == .running)
        try await stage.pass(330)
        #expect(try await stage.state(coming) == .running)
        #expect(try await stage.state(missing) == .cancelled)
    }

    @Test func `E19: a stop before the hub has the pod ends the hold with the next look`() async throws {
        var stage = try await Stage.seen()
        let held = try #require(try await stage.hold())
        _ = try await stage.ledger.release(held.server, start: nil, now: stage.now)
        #expect(try await stage.state(held) == .held)
        try await stage.pass(1)
        #expect(try await stage.state(held) == .cancelled)
    }
}
