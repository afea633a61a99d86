// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct UsageTests {
    let scratch = Scratch()
    let hour = Duration.seconds(3600)
    /// 2030-03-17T00:00:00Z, the day of `noon`.
    var midnight: Instant { Instant(dayInUTC: noon.dayInUTC) }

    func ledger() throws -> Ledger { try Ledger(scratch.store, inventory: UsageTrial.inventory) }

    func usage(
        _ ledger: Ledger, _ grouping: UsageGrouping = .user, days: Int64 = 1, now: Instant
    ) async throws -> [UsageSum] {
        let end = Instant(dayInUTC: midnight.dayInUTC + days)
        return try await ledger.usage(try #require(DayRange(from: midnight, to: end)), by: grouping, now: now)
    }

    @Test func `a whole card costs 1000 milli-cards and its memory, from the bind to the end`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(2))))
        #expect(try await usage(ledger, now: noon + hour).isEmpty)
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        let running = UsageSum(
            name: "ana", milliCardSeconds: 2000 * 3600, mibSeconds: Int64(2 * 40 * gib) * 3600)
        #expect(try await usage(ledger, now: noon + hour) == [running])
        _ = try await ledger.release(server("ana"), start: nil, now: noon + hour)
        #expect(try await usage(ledger, now: noon + hour * 9) == [running])
    }

    @Test func `a reservation that was never bound costs nothing`() async throws {
        let ledger = try ledger()
        _ = try await ledger.hold(request(cards(1)))
        _ = try await ledger.expire(now: noon + hour)
        #expect(try await usage(ledger, now: noon + hour * 2).isEmpty)
    }

    @Test func `MIG instances and shares cost what they take of a card, rounded up`() async throws {
        let ledger = try ledger()
        for (user, gpu) in [
            ("a", instances(1, from: "slices")), ("b", instances(1, from: "large")), ("c", share(10 * gib)),
            ("d", share(1)),
        ] {
            let held = try #require(try await ledger.hold(request(gpu, for: user)))
            _ = try await ledger.bind(held.id, server: server(user), now: noon)
        }
        let sums = try await usage(ledger, now: noon + .seconds(1))
        #expect(sums.map(\.milliCardSeconds) == [143, 500, 250, 1])
        #expect(sums.map(\.mibSeconds) == [4864, 19968, 10240, 1])
    }

    @Test func `use is split where a day ends, and each day has its own`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        let late = midnight + hour * 23
        _ = try await ledger.bind(held.id, server: server("ana"), now: late)
        _ = try await ledger.release(server("ana"), start: nil, now: late + hour * 4)
        #expect(try await usage(ledger, now: late + hour * 5).map(\.milliCardSeconds) == [3_600_000])
        #expect(try await usage(ledger, days: 2, now: late + hour * 5).map(\.milliCardSeconds) == [4 * 3_600_000])
    }

    @Test func `sums by profile, group, pool and deployment are under their names`() async throws {
        let ledger = try ledger()
        var asked = ReservationRequest(
            server: server("ana"), start: start("1"), gpu: cards(1), profile: "gpu",
            terms: "{}", walltime: nil, holdFor: hour, now: noon)
        (asked.groups, asked.payer) = (["physics"], "physics")
        let held = try #require(try await ledger.hold(asked))
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        var names: [String] = []
        for grouping in UsageGrouping.allCases {
            names += try await usage(ledger, grouping, now: noon + hour).map(\.name)
        }
        #expect(names == ["ana", "physics", "gpu", "whole", "production"])
    }

    @Test func `a clock that is set back neither takes use away nor counts it twice`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        _ = try await ledger.release(server("ana"), start: nil, now: noon + .seconds(-3600))
        let sums = try await usage(ledger, now: noon + hour)
        #expect(sums.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `I15: sums equal a replay of the journal, also when days are rolled up, and never exceed time and capacity`(
        seed: UInt64
    ) async throws {
        var trial = try UsageTrial(seed: seed)
        for _ in 0..<250 { try await trial.step() }
        try await trial.check()
        trial.now = trial.now + .seconds(100 * 86_400)
        try await trial.check()
        while try await trial.ledger.rollUpUsage(now: trial.now) == Ledger.expireMax {}
        try await trial.check()
        for _ in 0..<50 { try await trial.step() }
        try await trial.check()
    }
}
