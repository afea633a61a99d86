// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Storage
import Testing

/// Random sequences under quotas and a waiting list, held against sums over what the ledger says is live.
@Suite(.onEachStore) struct QuotaInvariantTests {
    static let seeds: [UInt64] = [7919, 15838, 23757, 31676]
    static let steps = 150

    static let quotas: [Quotas] = {
        var tight = Quotas()
        tight.user = QuotaLimits(sessions: 2, milliCards: 2000)
        tight.users["user-0"] = QuotaLimits(sessions: 0)
        tight.deployments["test"] = DeploymentQuota(limits: QuotaLimits(milliCards: 2000, memory: MiB(80 * gib)))
        tight.pools["whole"] = QuotaLimits(sessions: 5)
        tight.groups = [
            GroupQuota(
                name: "a", nominal: QuotaLimits(milliCards: 2000), cohort: "c", borrow: QuotaLimits(milliCards: 1000)),
            GroupQuota(
                name: "b", nominal: QuotaLimits(milliCards: 3000, memory: MiB(90 * gib)), cohort: "c",
                lend: QuotaLimits(milliCards: 1000)),
        ]
        tight.withoutGroup = QuotaLimits(sessions: 1)
        var lower = tight
        lower.pools["whole"] = QuotaLimits(sessions: 1)
        lower.groups = [GroupQuota(name: "b", nominal: QuotaLimits(sessions: 0))]
        var waiting = tight
        waiting.waitingLists["whole"] = WaitingListTerms(max: 4)
        return [.none, tight, lower, waiting]
    }()

    struct Books: Equatable {
        let reservations: [Reservation]
        let entries: [LedgerEntry]
    }

    /// One question after the other, each under quotas picked at random: raised and lowered while sessions run.
    func walk(
        _ seed: UInt64,
        _ check: (ReservationRequest, Quotas, ReserveOutcome?, _ before: Books, _ after: Books) async throws -> Void
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let lab = try QuotaLab(cards: 6)
        var now = noon
        var books = Books(reservations: [], entries: [])
        for step in 0..<Self.steps {
            now = now + .seconds(Int.random(in: 0...60, using: &random))
            let quotas = Self.quotas[Int.random(in: 0..<4, using: &random)]
            var request = ReservationRequest(
                server: ServerID(
                    deployment: Bool.random(using: &random) ? "production" : "test",
                    user: "user-\(Int.random(in: 0..<5, using: &random))",
                    name: ["", "second", "third"][Int.random(in: 0..<3, using: &random)]),
                start: start("s\(step)"), gpu: cards(Int.random(in: 1...2, using: &random)), terms: "{}",
                walltime: .seconds(Int.random(in: 60...9000, using: &random)), holdFor: .seconds(330), now: now)
            request.groups = [[], ["a"], ["b"], ["b", "a"]][Int.random(in: 0..<4, using: &random)]
            var outcome: ReserveOutcome?
            switch Int.random(in: 0..<10, using: &random) {
            case ..<7: outcome = try await lab.ledger.reserve(request, under: quotas)
            case 7: _ = try await lab.ledger.release(request.server, start: nil, now: now)
            case 8: _ = try await lab.ledger.expire(now: now)
            default:
                if let held = books.reservations.first(where: { $0.state == .held }) {
                    _ = try await lab.ledger.bind(held.id, server: held.server, now: now)
                }
            }
            let after = Books(
                reservations: try await lab.ledger.reservations(includingEnded: true),
                entries: try await lab.ledger.entries(after: 0))
            try await check(request, quotas, outcome, books, after)
            books = after
        }
    }

    /// By plain sums, without the ledger's own tables of use.
    func sum(_ scope: QuotaScope, _ reservations: [Reservation]) -> QuotaAmounts {
        let mine = reservations.filter { reservation in
            guard reservation.state.holdsCapacity, let charge = reservation.charge else { return false }
            return switch scope {
            case .user(let deployment, let name):
                reservation.server.deployment == deployment && reservation.server.user == name
            case .group(let name): charge.payer == name
            case .deployment(let name): reservation.server.deployment == name
            case .pool(let name): reservation.gpu?.pool == name
            }
        }
        return mine.reduce(into: QuotaAmounts()) { sum, reservation in
            sum.sessions += 1
            for _ in reservation.placement {
                sum.milliCards += 1000
                sum.memory = sum.memory + MiB(40 * gib)
            }
        }
    }

    @Test(arguments: seeds)
    func `I4: a grant takes nobody over a limit, and no session ends because one is lowered`(seed: UInt64) async throws
    {
        var refused: Set<Shortage.Reason> = []
        try await walk(seed) { request, quotas, outcome, before, after in
            // Nothing ends but what was released, has lapsed or was replaced.
            let causes = after.entries.dropFirst(before.entries.count).filter { !$0.to.holdsCapacity }.map(\.cause)
            #expect(causes.allSatisfy { [.stopped, .superseded, .holdLapsed].contains($0) })
            if case .unavailable(let shortage)? = outcome { refused.insert(shortage.reason) }
            guard case .held(let granted, _)? = outcome, let charge = granted.charge else { return }
            let scopes: [QuotaScope] = [
                .user(deployment: request.server.deployment, name: request.server.user),
                .deployment(request.server.deployment), .pool("whole"), .group(charge.payer),
            ]
            for scope in scopes {
                let (limits, use) = (quotas.limits(of: scope), sum(scope, after.reservations))
                let lent = scope == .group(charge.payer) && charge.borrowed != nil
                for measure in [QuotaMeasure.sessions, .milliCards, .memory] {
                    guard let limit = limits[measure] else { continue }
                    let extra = lent ? charge.payer.flatMap(quotas.group)?.borrow[measure] ?? 1_000_000 : 0
                    #expect(use[measure] <= limit + extra, "seed \(seed): \(scope) \(measure)")
                }
            }
        }
        #expect(refused.isSuperset(of: [.userQuota, .groupQuota, .poolQuota]), "seed \(seed) tries too little")
    }

    @Test(arguments: seeds)
    func `I7: the same question gets the same reservation, and is charged once`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let lab = try QuotaLab(cards: 6)
        for step in 0..<60 {
            let quotas = Self.quotas[Int.random(in: 0..<4, using: &random)]
            var asked = request(cards(1), for: "user-\(step % 9)", start: "s\(step)", at: noon + .seconds(step))
            asked.groups = [[], ["a"], ["b"]][Int.random(in: 0..<3, using: &random)]
            guard case .held(let first, _) = try await lab.ledger.reserve(asked, under: quotas) else { continue }
            let before = try await lab.ledger.entries(after: 0)
            // Roles and quotas may have changed in between; what was granted stands.
            asked.groups = []
            let again = try await lab.ledger.reserve(asked, under: Self.quotas[2])
            #expect(again == .held(first, isRepeat: true))
            #expect(try await lab.ledger.entries(after: 0) == before)
            await #expect(throws: LedgerError.startConflict(standing: first)) {
                try await lab.ledger.reserve(
                    request(cards(2), for: "user-\(step % 9)", start: "s\(step)"), under: quotas)
            }
        }
    }

    @Test(arguments: seeds)
    func `I11: a denial changes nothing, however often it is asked for`(seed: UInt64) async throws {
        try await walk(seed) { _, _, outcome, before, after in
            guard case .unavailable? = outcome else { return }
            #expect(before == after)
        }
        // Asked a hundred times, the file does not grow: not a row more.
        var lab = try QuotaLab(cards: 1)
        lab.quotas = Self.quotas[3]
        _ = try await lab.ask("filler", groups: ["a"])
        for time in 0..<3 {
            _ = try await lab.ask("user-1", groups: ["b"], start: "t\(time)", at: noon + .seconds(time))
        }
        let rows = try lab.scratch.rowCounts()
        for time in 3..<100 {
            #expect(
                try await lab.ask("user-1", groups: ["b"], start: "t\(time)", at: noon + .seconds(time)).reservation
                    == nil
            )
            #expect(try await lab.ask("user-0", start: "t\(time)", at: noon + .seconds(time)).reservation == nil)
        }
        #expect(try lab.scratch.rowCounts() == rows)
    }
}

extension Scratch {
    /// Of each table, by another connection.
    fileprivate func rowCounts() throws -> [String: Int64] {
        let connection = try SQLiteConnection.open(ledger)
        defer { connection.close() }
        let tables = try connection.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        var counts: [String: Int64] = [:]
        for table in tables {
            let name = try table.text(0)
            counts[name] = try connection.query("SELECT count(*) FROM \(name)")[0].integer(0)
        }
        return counts
    }
}
