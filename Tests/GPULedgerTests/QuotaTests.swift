// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Eight cards of one node: there is always room, so that quotas alone decide.
struct QuotaLab {
    let scratch = Scratch()
    let ledger: Ledger
    var quotas = Quotas()

    init(cards count: Int = 8) throws {
        let cards = (0..<count).map { card("c\($0)", ["whole"]) }
        ledger = try Ledger(
            scratch.store, inventory: Inventory(nodes: [node("a", cards)], pools: [wholePool()]))
    }

    func ask(
        _ user: String = "ana", server name: String = "", hub: String = "production", groups: [String] = [],
        payer: String? = nil, start text: String = "1", cards count: Int = 1, walltime: Duration? = .seconds(28_800),
        at now: Instant = noon
    ) async throws(LedgerError) -> ReserveOutcome {
        var request = ReservationRequest(
            server: ServerID(deployment: hub, user: user, name: name), start: start(text), gpu: cards(count),
            terms: "{}", walltime: walltime, holdFor: .seconds(330), now: now)
        request.groups = groups
        request.payer = payer
        return try await ledger.reserve(request, under: quotas)
    }

    private func cards(_ count: Int) -> GPURequest { GPURequest(pool: "whole", amount: .cards(count)) }

    func bind(_ reservation: Reservation?, at now: Instant) async throws {
        let reservation = try #require(reservation)
        _ = try await ledger.bind(reservation.id, server: reservation.server, now: now)
    }

    func stop(_ user: String = "ana", server name: String = "", at now: Instant) async throws {
        _ = try await ledger.release(
            ServerID(deployment: "production", user: user, name: name), start: nil, now: now)
    }
}

@Suite(.onEachStore) struct QuotaTests {
    var lab: QuotaLab

    init() throws { lab = try QuotaLab() }

    @Test mutating func `a refusal names the quota, the numbers and the user's own servers`() async throws {
        lab.quotas.user.sessions = 2
        _ = try await lab.ask(server: "a")
        _ = try await lab.ask(server: "b")
        let shortage = try #require(try await lab.ask(server: "c").shortage)
        #expect(shortage.reason == .userQuota)
        let quota = try #require(shortage.quota)
        #expect(quota.scope == .user(deployment: "production", name: "ana") && quota.measure == .sessions)
        #expect((quota.limit, quota.used, quota.asked) == (2, 2, 1))
        #expect(quota.ownServers == [server("ana", "a"), server("ana", "b")])
    }

    @Test mutating func `a new start of the same server counts without the one that it replaces`() async throws {
        lab.quotas.user = QuotaLimits(sessions: 1, milliCards: 2000)
        _ = try await lab.ask(start: "1")
        #expect(try await lab.ask(start: "2", cards: 2).reservation != nil)
        #expect(try await lab.ask(start: "3", cards: 3).shortage?.quota?.measure == .milliCards)
    }

    @Test mutating func `what is held counts at once, and what has ended or lapsed no more`() async throws {
        lab.quotas.pools["whole"] = QuotaLimits(sessions: 1)
        _ = try await lab.ask("ana")
        #expect(try await lab.ask("bo").shortage?.reason == .poolQuota)
        _ = try await lab.ledger.expire(now: noon + .seconds(330))
        #expect(try await lab.ask("bo", at: noon + .seconds(331)).reservation != nil)
        try await lab.stop("bo", at: noon + .seconds(332))
        #expect(try await lab.ask("cy", at: noon + .seconds(333)).reservation != nil)
    }

    @Test mutating func `GPU-hours count from the bind to the end, over midnight, and begin anew`() async throws {
        lab.quotas.period = .day
        lab.quotas.user.gpuHours = 2
        let midnight = QuotaPeriod.day.end(of: noon)
        let first = try await lab.ask(cards: 2, at: midnight + .seconds(-7200)).reservation
        try await lab.bind(first, at: midnight + .seconds(-3600))
        // Two cards for an hour: nothing is left of today, also while they run.
        let now = midnight + .seconds(-1)
        #expect(try await lab.ask(server: "b", at: now).reservation != nil)
        try await lab.stop(server: "b", at: now)
        let lateToday = try await lab.ask(server: "c", at: midnight + .milliseconds(-1))
        #expect(lateToday.reservation != nil)
        try await lab.stop(server: "c", at: midnight)
        // The same two for an hour of the next day: used up, and known to begin anew.
        let shortage = try await lab.ask(server: "d", at: midnight + .seconds(3600)).shortage
        #expect(shortage?.quota?.measure == .gpuHours)
        #expect(shortage?.quota?.used == 2 * QuotaMeasure.gpuHour)
        #expect(shortage?.nextFreeBy == midnight + .seconds(86_400))
        try await lab.stop(at: midnight + .seconds(3600))
        #expect(
            try await lab.ask(server: "e", at: midnight + .seconds(3601)).shortage?.quota?.used == shortage?.quota?.used
        )
        #expect(
            try await lab.ask(server: "e", at: midnight + .seconds(86_399)).shortage?.quota?.used
                == 2 * QuotaMeasure.gpuHour)
        #expect(try await lab.ask(server: "f", at: midnight + .seconds(86_400)).reservation != nil)
    }

    @Test mutating func `a borrowed session has a shorter walltime, and its retry gets it again`() async throws {
        lab.quotas.groups = [
            GroupQuota(name: "a", nominal: QuotaLimits(sessions: 0), cohort: "c"),
            GroupQuota(name: "b", nominal: QuotaLimits(sessions: 1), cohort: "c"),
        ]
        let held = try #require(try await lab.ask(groups: ["a"]).reservation)
        #expect(held.charge?.payer == "a")
        #expect(held.charge?.borrowed == .init(walltime: .seconds(3600), asked: .seconds(28_800)))
        #expect(try await lab.ask(groups: ["a"]) == .held(held, isRepeat: true))
        let bound = try await lab.ledger.bind(held.id, server: held.server, now: noon)
        #expect(bound.endsBy == noon + .seconds(3600))
        // The lender has its own all the same.
        #expect(try await lab.ask("bo", groups: ["b"]).reservation?.charge?.borrowed == nil)
        #expect(try await lab.ask("cy", groups: ["b"]).shortage?.reason == .groupQuota)
    }

    @Test mutating func `the named group pays, also where another comes first`() async throws {
        lab.quotas.groups = ["a", "b"].map { GroupQuota(name: $0, nominal: QuotaLimits(sessions: 1)) }
        #expect(try await lab.ask("ana", groups: ["b", "a"]).reservation?.charge?.payer == "a")
        #expect(try await lab.ask("bo", groups: ["a", "b"], payer: "b").reservation?.charge?.payer == "b")
        #expect(try await lab.ask("cy", groups: ["a", "b"], payer: "b").shortage?.quota?.scope == .group("b"))
    }

    @Test mutating func `hubs have their own limits, and a user of one is not the other's`() async throws {
        lab.quotas.user.sessions = 1
        lab.quotas.deployments["test"] = DeploymentQuota(limits: QuotaLimits(sessions: 1))
        #expect(try await lab.ask(hub: "production").reservation != nil)
        #expect(try await lab.ask(hub: "test").reservation != nil)
        #expect(try await lab.ask("bo", hub: "test").shortage?.reason == .deploymentQuota)
        #expect(try await lab.ask("bo", hub: "production").reservation != nil)
    }

    @Test mutating func `quotas hold over a restart, for two Berths on one database as for one`() async throws {
        lab.quotas.pools["whole"] = QuotaLimits(sessions: 3)
        let other = try Ledger(
            lab.scratch.store,
            inventory: Inventory(
                nodes: [node("a", (0..<8).map { card("c\($0)", ["whole"]) })], pools: [wholePool()]))
        let quotas = lab.quotas
        let ledgers = [lab.ledger, other]
        let outcomes = try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
            for user in 0..<40 {
                group.addTask {
                    try await ledgers[user % 2].reserve(request(cards(1), for: "user-\(user)"), under: quotas)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap(\.reservation).count == 3)
    }
}
