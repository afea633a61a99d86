// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// Two cards of one node that everybody wants.
@Suite(.onEachStore) struct WaitingListTests {
    var lab: QuotaLab

    init() throws {
        lab = try QuotaLab(cards: 2)
        lab.quotas.waitingLists["whole"] = WaitingListTerms(max: 3)
    }

    /// Both cards taken until an hour from noon.
    func fill() async throws {
        for user in ["filler-0", "filler-1"] {
            try await lab.bind(try await lab.ask(user, walltime: .seconds(3600)).reservation, at: noon)
        }
    }

    func position(_ user: String, at seconds: Int) async throws -> Int? {
        try await lab.ask(user, start: "s\(seconds)", at: noon + .seconds(seconds)).shortage?.waiting?.position
    }

    @Test func `who does not fit gets a ticket, one a server, and keeps it by asking again`() async throws {
        try await fill()
        let first = try #require(try await lab.ask("ana", at: noon + .seconds(1)).shortage?.waiting)
        #expect((first.position, first.length) == (1, 1))
        #expect(try await position("bo", at: 2) == 2)
        let again = try #require(try await lab.ask("ana", start: "2", at: noon + .seconds(80)).shortage?.waiting)
        #expect((again.ticket, again.position, again.length) == (first.ticket, 1, 2))
        #expect(try await position("bo", at: 91) == 2)
        #expect(try await position("bo", at: 172) == 1)
    }

    @Test func `a list has as many as it may; who comes then is refused without a place`() async throws {
        try await fill()
        for (place, user) in ["a", "b", "c"].enumerated() { #expect(try await position(user, at: place) == place + 1) }
        let late = try #require(try await lab.ask("d", at: noon + .seconds(3)).shortage)
        #expect(late.reason == .full && late.waiting == nil)
        #expect(try await position("c", at: 4) == 3)
    }

    @Test func `what becomes free is kept for the head, and passes on when it does not come`() async throws {
        try await fill()
        #expect(try await position("ana", at: 1) == 1)
        try await lab.stop("filler-0", at: noon + .seconds(10))
        let outsider = try #require(try await lab.ask("bo", at: noon + .seconds(11)).shortage)
        #expect(outsider.reason == .waitingListed && outsider.waiting?.position == 2)
        // Seen at 70 s, and its window of 60 s has passed at 72 s.
        #expect(try await position("bo", at: 70) == 2)
        #expect(try await lab.ask("bo", start: "9", at: noon + .seconds(72)).reservation != nil)
    }

    @Test func `the head claims by asking as ever`() async throws {
        try await fill()
        #expect(try await position("ana", at: 1) == 1)
        try await lab.stop("filler-0", at: noon + .seconds(10))
        #expect(try await position("bo", at: 11) == 2)
        #expect(try await lab.ask("ana", start: "5", at: noon + .seconds(12)).reservation != nil)
        #expect(try await position("bo", at: 13) == 1)
    }

    @Test func `others pass only where the head does not wait longer for it`() async throws {
        try await lab.bind(try await lab.ask("filler", walltime: .seconds(3600)).reservation, at: noon)
        // Wants both cards, so an hour from now at the latest.
        #expect(try await lab.ask("ana", cards: 2, at: noon + .seconds(1)).shortage?.waiting?.position == 1)
        let long = try await lab.ask("bo", walltime: .seconds(7200), at: noon + .seconds(2))
        #expect(long.shortage?.reason == .waitingListed)
        #expect(try await lab.ask("cy", walltime: .seconds(1800), at: noon + .seconds(3)).reservation != nil)
    }

    @Test func `a hub with a higher priority comes first, then a group below its share, then who used less`()
        async throws
    {
        var lab = lab
        lab.quotas.waitingLists["whole"] = WaitingListTerms(max: 9)
        lab.quotas.deployments["exam"] = DeploymentQuota(limits: QuotaLimits(), priority: 1)
        lab.quotas.groups = [
            GroupQuota(name: "rich", nominal: QuotaLimits(milliCards: 2000)),
            GroupQuota(name: "poor", nominal: QuotaLimits(milliCards: 0)),
        ]
        for user in ["filler-0", "filler-1"] {
            try await lab.bind(try await lab.ask(user, groups: ["rich"]).reservation, at: noon)
        }
        lab.quotas.groups = [
            GroupQuota(name: "rich", nominal: QuotaLimits(milliCards: 4000)),
            GroupQuota(name: "poor", nominal: QuotaLimits(milliCards: 4000)),
        ]
        func position(_ user: String, _ hub: String, _ group: String, _ seconds: Int) async throws -> Int? {
            try await lab.ask(
                user, hub: hub, groups: [group], start: "s\(seconds)", at: noon + .seconds(seconds)
            ).shortage?.waiting?.position
        }
        #expect(try await position("filler-0b", "production", "rich", 1) == 1)
        #expect(try await position("pia", "production", "poor", 2) == 1)
        #expect(try await position("eva", "exam", "rich", 3) == 1)
        #expect(try await position("filler-0b", "production", "rich", 4) == 3)
        #expect(try await position("pia", "production", "poor", 5) == 2)
    }

    @Test func `who gets something else does not wait any more, and who may not wait never does`() async throws {
        try await fill()
        #expect(try await position("ana", at: 1) == 1)
        _ = try await lab.ledger.reserve(
            request(nil, for: "ana", start: "cpu", at: noon + .seconds(2)), under: lab.quotas)
        var asked = request(cards(1), for: "bo", at: noon + .seconds(3))
        asked.mayWait = false
        let refused = try await lab.ledger.reserve(asked, under: lab.quotas)
        #expect(refused.shortage?.reason == .full && refused.shortage?.waiting == nil)
        #expect(try await position("cy", at: 4) == 1)
    }
}
