// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Random but repeatable sessions, with a clock that is set back and forward, held against a replay of the journal.
struct UsageTrial {
    static let inventory = Inventory(
        nodes: [
            node("a", [card("a0", ["whole"]), card("a1", ["whole"]), card("a2", ["shared"])]),
            node(
                "b",
                [
                    card(
                        "b0", [],
                        mig: [
                            instance("b0/1", "1g.5gb", 4864, ["slices"]), instance("b0/2", "1g.5gb", 4864, ["slices"]),
                            instance("b0/3", "3g.20gb", 19968, ["large"]),
                        ])
                ]),
        ],
        pools: [
            wholePool(), sharedPool(), migPool("slices", "1g.5gb"), migPool("large", "3g.20gb"),
        ])
    /// Of all of it, with a thousandth for each share that may be rounded up.
    static let milliCardsMost: Int64 = 3016 + 143 * 2 + 500

    private let scratch = Scratch()
    private var random: SeededGenerator
    private(set) var ledger: Ledger
    var now = noon
    private var requests: [String: ReservationRequest] = [:]
    private var starts = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        ledger = try Ledger(scratch.store, inventory: Self.inventory)
    }

    mutating func step() async throws {
        now = now + .milliseconds(Int.random(in: 0...3_000_000, using: &random))
        let user = ["ana", "bo", "cy", "di"].randomElement(using: &random) ?? "ana"
        switch Int.random(in: 0..<100, using: &random) {
        case ..<40: try await reserve(user)
        case ..<65:
            let held = try await ledger.reservations(includingEnded: false).filter { $0.state == .held }
            guard let one = held.randomElement(using: &random) else { return }
            _ = try await ledger.bind(one.id, server: one.server, now: now)
        case ..<80: _ = try await ledger.release(server(user), start: nil, now: now)
        case ..<86: _ = try await ledger.expire(now: now)
        case ..<90: now = now + .seconds(-Int.random(in: 1...200_000, using: &random))
        case ..<93: now = now + .seconds(Int.random(in: 1...400_000, using: &random))
        case ..<96: _ = try await ledger.rollUpUsage(now: now)
        default:
            await ledger.close()
            ledger = try Ledger(scratch.store, inventory: Self.inventory)
        }
    }

    private mutating func reserve(_ user: String) async throws {
        starts += 1
        let offers = [
            cards(1), cards(2), share(10 * gib), share(3), instances(1, from: "slices"), instances(2, from: "slices"),
            instances(1, from: "large"),
        ]
        var asked = ReservationRequest(
            server: server(user), start: start("\(starts)"), gpu: offers.randomElement(using: &random),
            profile: ["one", "two"].randomElement(using: &random) ?? "", terms: "{}", walltime: nil,
            holdFor: .seconds(7200), now: now)
        let group = user < "c" ? "early" : "late"
        (asked.groups, asked.payer) = ([group], group)
        if case .held(let made, isRepeat: false) = try await ledger.reserve(asked) { requests[made.id] = asked }
    }

    func check() async throws {
        let replay = UsageReplay(try await ledger.entries(after: 0), requests, now: now, price: Self.price)
        #expect(!replay.sessions.isEmpty)
        let days: [(Int64, Int64)] = [(-400, 800), (0, 1), (1, 3), (2, 40)]
        for grouping in UsageGrouping.allCases {
            for (first, end) in days {
                let (first, end) = (Instant(dayInUTC: noon.dayInUTC + first), Instant(dayInUTC: noon.dayInUTC + end))
                let range = try #require(DayRange(from: first, to: end))
                let sums = try await ledger.usage(range, by: grouping, now: now)
                #expect(sums == replay.sums(grouping, from: first, to: end))
                #expect(sums.allSatisfy { $0.milliCardSeconds >= 0 && $0.mibSeconds >= 0 })
                let used = sums.reduce(0) { $0 + $1.milliCardSeconds }
                #expect(used * 1000 <= replay.elapsed * Self.milliCardsMost)
            }
        }
    }

    private static func price(of gpu: GPURequest) -> (milliCards: Int, mib: Int) {
        switch (gpu.pool, gpu.amount) {
        case (_, .cards(let count)): (count * 1000, count * 40 * gib)
        case ("large", .migInstances(let count)): (count * 500, count * 19968)
        case (_, .migInstances(let count)): (count * 143, count * 4864)
        case (_, .share(let memory, _)): ((1000 * memory.count + 40 * gib - 1) / (40 * gib), memory.count)
        }
    }
}
