// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

// Quotas and waiting lists.

extension HardCaseTests {
    @Test func `E27: the payer is fixed at the grant, and a role that goes counts from the next start on`() async throws
    {
        var lab = try QuotaLab()
        lab.quotas.groups = ["a", "b"].map { GroupQuota(name: $0, nominal: QuotaLimits(sessions: 1)) }
        let held = try #require(try await lab.ask(groups: ["b", "a"], start: "1").reservation)
        #expect(held.charge?.payer == "a")
        // The user is out of the group; the start that is under way goes on, and the group pays until it ends.
        #expect(try await lab.ask(groups: ["b"], start: "1") == .held(held, isRepeat: true))
        try await lab.bind(held, at: noon)
        #expect(try await lab.ledger.reservation(held.id)?.charge?.payer == "a")
        #expect(try await lab.ask("bo", groups: ["a"]).shortage?.quota?.scope == .group("a"))
        #expect(try await lab.ask(groups: ["b"], start: "2").reservation?.charge?.payer == "b")
        #expect(try await lab.ask("bo", groups: ["a"]).reservation?.charge?.payer == "a")
    }

    @Test func `E28: a lowered quota, a removed pool and a group that is gone end nothing`() async throws {
        var lab = try QuotaLab()
        lab.quotas.groups = [GroupQuota(name: "a", nominal: QuotaLimits(sessions: 3))]
        var running: [Reservation] = []
        for user in ["ana", "bo", "cy"] {
            let held = try #require(try await lab.ask(user, groups: ["a"]).reservation)
            running.append(try await lab.ledger.bind(held.id, server: held.server, now: noon))
        }
        lab.quotas.groups = [GroupQuota(name: "a", nominal: QuotaLimits(sessions: 1))]
        lab.quotas.user.sessions = 0
        #expect(try await lab.ask("di", groups: ["a"]).shortage?.reason == .userQuota)
        lab.quotas.user.sessions = nil
        let shortage = try await lab.ask("di", groups: ["a"]).shortage
        // Reported as it is, above the limit.
        #expect(shortage?.quota?.used == 3 && shortage?.quota?.limit == 1)
        try await lab.ledger.replace(inventory: Inventory(nodes: [], pools: []))
        #expect(Set(try await lab.ledger.reservations(includingEnded: false)) == Set(running))
    }

    @Test func `E29: a walltime is not extended over somebody who waits for its end`() async throws {
        var lab = try QuotaLab(cards: 2)
        lab.quotas = .waiting(9)
        let first = try await lab.ask("ana", walltime: .seconds(3600)).reservation
        let second = try await lab.ask("bo", walltime: .seconds(7200)).reservation
        try await lab.bind(first, at: noon)
        try await lab.bind(second, at: noon)
        let ids = try (#require(first).id, #require(second).id)
        let (ledger, quotas) = (lab.ledger, lab.quotas)
        func obstacles(_ id: String, _ seconds: Int, isForced: Bool = false) async throws -> [ExtensionObstacle] {
            let terms = OperatorExtensionTerms(
                .seconds(seconds), under: quotas, podGrace: .seconds(900_000), isForced: isForced)
            switch try await ledger.extend(id, by: oncall, terms, now: noon + .seconds(9)) {
            case .refused(_, let obstacles): return obstacles
            case .extended(_, let despite): return isForced ? despite : []
            case .ended, .hasNoEnd, .tooLong, .usedUp, .unknown: throw LedgerError.unknownReservation(id: id)
            }
        }
        // Nobody waits.
        #expect(try await obstacles(ids.0, 60) == [])
        #expect(try await lab.ask("cy", at: noon + .seconds(5)).shortage?.waiting?.position == 1)
        // Cy has a card in an hour at the latest, from ana; bo may stay as long as they like.
        let before = try await ledger.reservation(ids.0)
        #expect(try await obstacles(ids.0, 600) == [.waiting(1)])
        #expect(try await ledger.reservation(ids.0) == before)
        #expect(try await obstacles(ids.1, 60) == [])
        #expect(try await lab.ask("di", cards: 2, at: noon + .seconds(6)).shortage?.waiting?.position == 2)
        #expect(try await obstacles(ids.1, 600) == [.waiting(1)])
        // Who has left the page is not waited for.
        #expect(try await lab.ask("cy", at: noon + .seconds(7)).shortage?.waiting?.position == 1)
        let late = OperatorExtensionTerms(.seconds(60), under: quotas, podGrace: .seconds(900_000))
        guard case .extended = try await ledger.extend(ids.1, by: oncall, late, now: noon + .seconds(200)) else {
            Issue.record("not extended")
            return
        }
        #expect(try await obstacles(ids.0, 600, isForced: true) == [.waiting(1)])
        let audit = try await ledger.auditEntries(most: 1)
        #expect(audit.first?.after.hasSuffix(", despite waiting") == true)
    }

    @Test func `E29: extensions within what a time is rounded to do not add up to more than who waits was told`()
        async throws
    {
        var lab = try QuotaLab(cards: 1)
        lab.quotas = .waiting(9)
        let held = try #require(try await lab.ask("ana", walltime: .seconds(3600)).reservation)
        try await lab.bind(held, at: noon + .seconds(1))
        let told = try #require(try await lab.ask("cy", at: noon + .seconds(5)).shortage?.nextFreeBy)
        let terms = OperatorExtensionTerms(.seconds(40), under: lab.quotas, podGrace: .seconds(900_000))
        var longer = 0
        for _ in 0..<10 {
            let extended = try await lab.ledger.extend(held.id, by: oncall, terms, now: noon + .seconds(9))
            if case .extended = extended { longer += 1 }
        }
        #expect(longer == 7)
        #expect(try await lab.ask("cy", at: noon + .seconds(10)).shortage?.nextFreeBy == told)
        #expect(try #require(try await lab.ledger.reservation(held.id)?.endsBy) <= told)
    }

    @Test func `E30: each named server is its own reservation, and the user's quota is on their sum`() async throws {
        var lab = try QuotaLab()
        lab.quotas.user.milliCards = 3000
        let first = try #require(try await lab.ask(server: "a").reservation)
        let second = try #require(try await lab.ask(server: "b", cards: 2).reservation)
        #expect(first.id != second.id)
        #expect(try await lab.ask(server: "").shortage?.quota?.used == 3000)
        try await lab.stop(server: "a", at: noon)
        #expect(try await lab.ask(server: "").reservation != nil)
        #expect(try await lab.ledger.reservation(second.id)?.state == .held)
    }

    @Test func `E35: a course of 200 starts at once is answered whole, and only so many are let in or wait`()
        async throws
    {
        var lab = try QuotaLab()
        lab.quotas.pools["whole"] = QuotaLimits(milliCards: 6000)
        lab.quotas.waitingLists["whole"] = WaitingListTerms(max: 20)
        lab.quotas.deployments["production"] = DeploymentQuota(limits: QuotaLimits())
        let (ledger, quotas) = (lab.ledger, lab.quotas)
        func answers(_ start: String) async throws -> [ReserveOutcome] {
            try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
                for user in 0..<200 {
                    group.addTask {
                        try await ledger.reserve(
                            request(cards(1), for: "user-\(user)", start: start), under: quotas)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        let first = try await answers("s")
        #expect(first.compactMap(\.reservation).count == 6)
        #expect(first.compactMap(\.shortage).allSatisfy { $0.reason == .poolQuota })
        // The hub asks again for all: the same six, and nobody else.
        #expect(Set(try await answers("s").compactMap(\.reservation?.id)) == Set(first.compactMap(\.reservation?.id)))
        // Without the quota the cards decide: two more get in, 20 wait, the others are told that the list is full.
        let open = Quotas.waiting(20)
        var (granted, waiting, refused) = (0, 0, 0)
        for user in 0..<200 {
            let outcome = try await ledger.reserve(
                request(cards(1), for: "user-\(user)", start: "t\(user)"), under: open)
            switch outcome {
            case .held: granted += 1
            case .unavailable(let shortage): if shortage.waiting == nil { refused += 1 } else { waiting += 1 }
            }
        }
        #expect((granted, waiting, refused) == (8, 20, 172))
    }

    @Test func `E36: who leaves the page is dropped after 90 s, and a claim that nobody takes passes on after 60 s`()
        async throws
    {
        var lab = try QuotaLab(cards: 1)
        lab.quotas = .waiting(9)
        try await lab.bind(try await lab.ask("filler").reservation, at: noon)
        func place(_ user: String, _ seconds: Int) async throws -> (ReserveOutcome, Int?) {
            let outcome = try await lab.ask(user, start: "s\(seconds)", at: noon + .seconds(seconds))
            return (outcome, outcome.shortage?.waiting?.position)
        }
        #expect(try await place("ana", 0).1 == 1)
        #expect(try await place("bo", 60).1 == 2)
        // Ana was seen 90 s ago: still there; and after one second more not.
        #expect(try await place("bo", 90).1 == 2)
        #expect(try await place("bo", 91).1 == 1)
        #expect(try await place("cy", 92).1 == 2)
        try await lab.stop("filler", at: noon + .seconds(100))
        // Free for bo from the moment on when somebody looks, for 60 s.
        #expect(try await place("cy", 110).1 == 2)
        #expect(try await place("cy", 170).1 == 2)
        #expect(try await place("cy", 171).0.reservation != nil)
    }
}

private let oncall = Operator(name: "token/oncall", role: "operator", reason: "beamtime", requestID: "r")

extension Quotas {
    fileprivate static func waiting(_ max: Int) -> Quotas {
        var quotas = Quotas()
        quotas.waitingLists["whole"] = WaitingListTerms(max: max)
        return quotas
    }
}
