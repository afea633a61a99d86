// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Quotas where a cluster tells what runs.
@Suite(.onEachStore) struct QuotaClusterTests {
    func ask(_ stage: Stage, _ user: String, start text: String = "1", _ quotas: Quotas) async throws -> ReserveOutcome
    {
        try await stage.ledger.reserve(request(cards(1), for: user, start: text, at: stage.now), under: quotas)
    }

    @Test func `a late pod counts also over the quota, and ends nobody's session`() async throws {
        var quotas = Quotas()
        quotas.pools["whole"] = QuotaLimits(sessions: 1)
        var stage = try await Stage.seen()
        let late = try #require(try await ask(stage, "ana", quotas).reservation)
        // Nobody uses it in its hold time; somebody else gets in, and then its pod comes after all.
        try await stage.pass(400)
        #expect(try await stage.state(late)?.holdsCapacity == false)
        let second = try #require(try await ask(stage, "bo", quotas).reservation)
        stage.pods["late"] = SeenPod(
            uid: "late", namespace: "hub", name: "jupyter-ana", node: "a", phase: .running, hasStarted: true,
            asks: ["nvidia.com/gpu": 1], reservationID: late.id)
        try await stage.pass(1)
        let quota = try #require(try await ask(stage, "cy", quotas).shortage?.quota)
        #expect((quota.used, quota.limit) == (2, 1))
        #expect(try await stage.state(second) == .held)
    }

    @Test func `GPU-hours count from when the notebook runs, not while its image is pulled`() async throws {
        var quotas = Quotas()
        quotas.user.gpuHours = 1
        var stage = try await Stage.seen()
        let held = try #require(try await ask(stage, "ana", quotas).reservation)
        try await stage.pod("p", of: held, isStarted: false)
        try await stage.pass(1)
        try await stage.pass(3600)
        // A second server of the same user may start, since nothing was used.
        let second = ServerID(deployment: "production", user: "ana", name: "second")
        func asked(_ text: String) -> ReservationRequest {
            ReservationRequest(
                server: second, start: start(text), gpu: cards(1), terms: "{}", walltime: nil, holdFor: .seconds(330),
                now: stage.now)
        }
        #expect(try await stage.ledger.reserve(asked("1"), under: quotas).reservation != nil)
        _ = try await stage.ledger.release(second, start: nil, now: stage.now)
        stage.change("p", phase: .running, hasStarted: true)
        try await stage.pass(1)
        try await stage.pass(3600)
        let quota = try #require(try await stage.ledger.reserve(asked("2"), under: quotas).shortage?.quota)
        #expect(quota.measure == .gpuHours && quota.used == QuotaMeasure.gpuHour)
    }
}
