// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct QuotaGateTests {
    let one = QuotaAmounts(sessions: 1, milliCards: 1000, memory: MiB(40 * gib), milliCardSeconds: 1)

    func verdict(
        _ quotas: Quotas, _ use: [QuotaScope: QuotaAmounts] = [:], payers: [String?] = [nil]
    ) -> QuotaGate.Verdict {
        QuotaGate(quotas, use: use, now: noon).verdict(on: one, of: server("ana"), in: "whole", payers: payers)
    }

    func group(
        _ name: String, _ nominal: Int?, cohort: String? = nil, borrow: Int? = nil, lend: Int? = nil
    ) -> GroupQuota {
        GroupQuota(
            name: name, nominal: QuotaLimits(milliCards: nominal), cohort: cohort,
            borrow: QuotaLimits(milliCards: borrow), lend: QuotaLimits(milliCards: lend))
    }

    func cards(_ count: Int) -> QuotaAmounts { QuotaAmounts(sessions: count, milliCards: count * 1000) }

    @Test func `no limit lets all pass, and a limit of 0 nothing`() {
        #expect(verdict(.none) == .admitted(payer: nil, isBorrowed: false))
        for measure in QuotaMeasure.allCases {
            var quotas = Quotas()
            switch measure {
            case .sessions: quotas.user.sessions = 0
            case .milliCards: quotas.user.milliCards = 0
            case .memory: quotas.user.memory = MiB(0)
            case .gpuHours: quotas.user.gpuHours = 0
            }
            guard case .refused(let shortage) = verdict(quotas) else {
                Issue.record("\(measure) of 0 lets pass")
                continue
            }
            #expect(shortage.measure == measure && shortage.limit == 0)
            #expect((shortage.resetsAt != nil) == (measure == .gpuHours))
        }
    }

    @Test func `user, payer, hub and pool must all have room`() {
        let full: [(QuotaScope, (inout Quotas) -> Void)] = [
            (.user(deployment: "production", name: "ana"), { $0.users["ana"] = QuotaLimits(milliCards: 1999) }),
            (
                .deployment("production"),
                { $0.deployments["production"] = .init(limits: QuotaLimits(milliCards: 1999)) }
            ),
            (.pool("whole"), { $0.pools["whole"] = QuotaLimits(milliCards: 1999) }),
            (.group("physics"), { $0.groups = [GroupQuota(name: "physics", nominal: QuotaLimits(milliCards: 1999))] }),
            (.group(nil), { $0.withoutGroup = QuotaLimits(milliCards: 1999) }),
        ]
        for (scope, limit) in full {
            var quotas = Quotas()
            limit(&quotas)
            let payers: [String?] = scope == .group("physics") ? ["physics"] : [nil]
            #expect(verdict(quotas, payers: payers) == .admitted(payer: payers[0], isBorrowed: false))
            guard case .refused(let shortage) = verdict(quotas, [scope: cards(1)], payers: payers) else {
                Issue.record("\(scope) is not looked at")
                continue
            }
            #expect(shortage.scope == scope && shortage.used == 1000 && shortage.asked == 1000)
        }
    }

    @Test func `a named user's limits stand in place of every user's, also where they say nothing`() {
        var quotas = Quotas()
        quotas.user = QuotaLimits(sessions: 0)
        quotas.users["ana"] = QuotaLimits(milliCards: 1000)
        #expect(verdict(quotas) == .admitted(payer: nil, isBorrowed: false))
    }

    @Test func `the first group with room of its own pays, and only where none has, one that can borrow`() {
        var quotas = Quotas()
        quotas.groups = [group("a", 1000, cohort: "c"), group("b", 1000, cohort: "c"), group("d", 4000, cohort: "c")]
        let full: [QuotaScope: QuotaAmounts] = [.group("a"): cards(1)]
        #expect(verdict(quotas, payers: ["a", "b"]) == .admitted(payer: "a", isBorrowed: false))
        #expect(verdict(quotas, full, payers: ["a", "b"]) == .admitted(payer: "b", isBorrowed: false))
        #expect(verdict(quotas, full, payers: ["a"]) == .admitted(payer: "a", isBorrowed: true))
    }

    @Test(
        arguments: [
            // nominal, borrow, lend of the other, used by the other; whether a full group gets one card more
            (borrow: nil, lend: nil, other: 3, gets: true),
            (borrow: nil, lend: nil, other: 4, gets: false),
            (borrow: 0, lend: nil, other: 0, gets: false),
            (borrow: 1000, lend: 1000, other: 0, gets: true),
            (borrow: 1000, lend: 999, other: 0, gets: false),
            (borrow: 1000, lend: 0, other: 0, gets: false),
        ] as [(borrow: Int?, lend: Int?, other: Int, gets: Bool)])
    func `a group borrows what its cohort leaves idle, within what lenders give`(
        _ row: (borrow: Int?, lend: Int?, other: Int, gets: Bool)
    ) {
        var quotas = Quotas()
        quotas.groups = [
            group("a", 1000, cohort: "c", borrow: row.borrow), group("b", 4000, cohort: "c", lend: row.lend),
            group("elsewhere", 9000, cohort: "other"),
        ]
        let use: [QuotaScope: QuotaAmounts] = [.group("a"): cards(1), .group("b"): cards(row.other)]
        let verdict = verdict(quotas, use, payers: ["a"])
        #expect((verdict == .admitted(payer: "a", isBorrowed: true)) == row.gets)
    }

    @Test func `what is lent is not lent twice, and a lender always has its own`() {
        var quotas = Quotas()
        quotas.groups = [group("a", 0, cohort: "c"), group("b", 0, cohort: "c"), group("d", 1000, cohort: "c")]
        let lent: [QuotaScope: QuotaAmounts] = [.group("a"): cards(1)]
        guard case .refused = verdict(quotas, lent, payers: ["b"]) else {
            Issue.record("lent twice")
            return
        }
        #expect(verdict(quotas, lent, payers: ["d"]) == .admitted(payer: "d", isBorrowed: false))
    }

    @Test func `periods begin at midnight UTC, weeks on Monday, months on the 1st`() throws {
        let now = try #require(Instant(rfc3339: "2028-02-29T13:14:15Z"))
        let wanted: [(QuotaPeriod, String, String)] = [
            (.day, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
            (.week, "2028-02-28T00:00:00Z", "2028-03-06T00:00:00Z"),
            (.month, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ]
        for (period, start, end) in wanted {
            #expect(period.start(of: now).description == start)
            #expect(period.end(of: now).description == end)
            #expect(period.start(of: period.end(of: now)) == period.end(of: now))
        }
    }
}
