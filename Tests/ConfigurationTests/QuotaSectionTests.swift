// SPDX-License-Identifier: Apache-2.0
import Configuration
import GPULedger
import SpawnModel
import Testing

@Suite struct QuotaSectionTests {
    private let pool = """
        pools: {whole: {mode: whole, waiting_list: {max: 20, ticket_ttl: 2m}}}
        inventory: {nodes: {n1: {cards: [{uuid: GPU-0, product: A100, memory: 80Gi, pools: [whole]}]}}}

        """

    @Test func `limits are read as written: what is absent is no limit, and 0 is none`() throws {
        let text = """
            quotas:
              period: week
              borrowed_walltime: 90m
              user: {sessions: 1}
              users: {ana: {milli_cards: 0, memory: 40Gi}}
              groups:
                physics: {milli_cards: 4000, gpu_hours: 500, cohort: science, borrow: {milli_cards: 2000}, weight: 3}
                chemistry: {milli_cards: 1000, cohort: science, lend: {milli_cards: 0}}
              without_group: {sessions: 2}
              deployments: {production: {priority: 5}}
              pools: {whole: {sessions: 9}}

            """ + pool
        let outcome = try Sample(text).load()
        expect(outcome.faults + outcome.warnings, are: [])
        let quotas = try #require(outcome.site).quotas
        #expect(quotas.period == .week && quotas.borrowedWalltime == .seconds(5400))
        #expect(quotas.user == QuotaLimits(sessions: 1))
        #expect(quotas.users == ["ana": QuotaLimits(milliCards: 0, memory: MiB(40_960))])
        #expect(
            quotas.groups == [
                GroupQuota(
                    name: "physics", nominal: QuotaLimits(milliCards: 4000, gpuHours: 500), cohort: "science",
                    borrow: QuotaLimits(milliCards: 2000), weight: 3),
                GroupQuota(
                    name: "chemistry", nominal: QuotaLimits(milliCards: 1000), cohort: "science",
                    lend: QuotaLimits(milliCards: 0)),
            ])
        #expect(quotas.withoutGroup == QuotaLimits(sessions: 2))
        #expect(quotas.deployments == ["production": DeploymentQuota(limits: QuotaLimits(), priority: 5)])
        #expect(quotas.pools == ["whole": QuotaLimits(sessions: 9)])
        #expect(quotas.waitingLists == ["whole": WaitingListTerms(max: 20, ticketTTL: .seconds(120))])
    }

    @Test func `without the section nothing is limited and nobody waits`() throws {
        #expect(try #require(try Sample("").load().site).quotas == .none)
    }

    @Test(arguments: [
        (
            "pools: {hole: {sessions: 1}}",
            "1:18: quotas.pools.hole: \"hole\" is not a pool. Did you mean \"whole\"?"
        ),
        (
            "deployments: {tset: {sessions: 1}}",
            "1:24: quotas.deployments.tset: \"tset\" is not a deployment. Known: \"production\". Define it under `deployments`."
        ),
        (
            "groups: {a: {sessions: 1, borrow: {sessions: 1}}}",
            "1:36: quotas.groups.a.borrow: `borrow` goes with `cohort`: the group shares with nobody. Name the cohort that it shares with, or remove it."
        ),
        (
            "groups: {a: {sessions: 1, cohort: c, lend: {memory: 1Gi}}, b: {cohort: c}}",
            "1:54: quotas.groups.a.lend.memory: says how far `memory` are shared, and the group has no limit on them. Write the group's own `memory`, or remove it here."
        ),
    ])
    func `a slip is a fault with its line and remedy`(written: String, fault: String) throws {
        expect(try faults(in: "quotas: {\(written)}\n" + pool), are: ["berth.yaml:" + fault])
    }

    @Test(arguments: ["{sessions: -1}", "{sessions: null}", "{sessions: none}", "{milli_cards: 1.5}", "{memory: 0}"])
    func `what is no whole number is refused`(limits: String) throws {
        #expect(try faults(in: "quotas: {user: \(limits)}\n" + pool).count == 1)
    }

    @Test func `limits that limit nothing, and a cohort of one, are told of`() throws {
        expect(
            try warnings(in: "quotas: {user: {}, groups: {a: {cohort: c}}}\n" + pool),
            are: [
                "berth.yaml:1:10: quotas.user: limits nothing: a limit that is not written is no limit. "
                    + "Write `sessions: 0` if nothing is to be allowed.",
                "berth.yaml:1:41: quotas.groups.a.cohort: no other group is in the cohort \"c\", so that there is nobody to share with. "
                    + "Name the same cohort in another group, or remove it.",
            ])
    }
}
