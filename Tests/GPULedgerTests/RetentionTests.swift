// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Storage
import Testing

@testable import GPULedger

/// On each kind of database: what is old goes, sums stay.
@Suite(.onEachStore) struct RetentionTests {
    let scratch = Scratch()
    let inventory = Inventory(nodes: [node("a", [card("a0", ["whole"]), card("a1", ["whole"])])], pools: [wholePool()])
    let oncall = Operator(name: "token/oncall", role: "operator", reason: "fan broken", requestID: "request-1")
    let day = 86_400

    private func retention(_ days: Int) -> LedgerRetention {
        var retention = LedgerRetention()
        retention.journal = .seconds(days * day)
        retention.audit = .seconds(days * day)
        return retention
    }

    private func rows(_ table: String) throws -> Int {
        let connection = try scratch.store.open()
        defer { connection.close() }
        return Int(try connection.query("SELECT count(*) FROM \(table)")[0].integer(0))
    }

    private func forgetAll(_ ledger: Ledger, _ now: Instant) async throws {
        while try await ledger.rollUpUsage(now: now) == Ledger.expireMax {}
        _ = try await ledger.forget(retention(100), now: now)
    }

    @Test func `ten years stay small, and their sums are those of the journal that has gone`() async throws {
        let ledger = try Ledger(scratch.store, inventory: inventory)
        var (journal, requests, now) = ([LedgerEntry](), [String: ReservationRequest](), noon)
        var sizes: [Int] = []
        for year in 0..<10 {
            for session in 0..<12 {
                now = now + .seconds(30 * day + session)
                let user = ["ana", "bo", "cy"][session % 3]
                let asked = ReservationRequest(
                    server: server(user), start: start("\(year)-\(session)"), gpu: cards(1 + session % 2),
                    profile: "gpu", terms: "{}", walltime: nil, holdFor: .seconds(330), now: now)
                let held = try #require(try await ledger.hold(asked))
                requests[held.id] = asked
                _ = try await ledger.bind(held.id, server: held.server, now: now)
                now = now + .seconds(3600 + 977 * session)
                _ = try await ledger.release(held.server, start: nil, now: now)
                // Read before it goes.
                journal += try await ledger.entries(after: journal.last?.sequence ?? 0)
                try await forgetAll(ledger, now)
            }
            sizes.append(try rows("ledger_entry") + rows("reservation") + rows("placement") + rows("charge"))
        }
        #expect(journal.count == 10 * 12 * 3)
        #expect(sizes.allSatisfy { $0 <= 40 }, "\(sizes)")
        #expect(try rows("usage_interval") <= 4)
        let replay = UsageReplay(journal, requests, now: now) { gpu in
            guard case .cards(let count) = gpu.amount else { return (0, 0) }
            return (count * 1000, count * 40 * gib)
        }
        #expect(replay.sessions.count == 120)
        for (first, end) in [(0, 4000), (0, 800), (700, 2100)] {
            let (first, end) = (noon + .seconds(first * day), noon + .seconds(end * day))
            let days = try #require(DayRange(from: first, to: end))
            let (from, to) = (Instant(dayInUTC: days.first), Instant(dayInUTC: days.end))
            for grouping in UsageGrouping.allCases {
                #expect(
                    try await ledger.usage(days, by: grouping, now: now) == replay.sums(grouping, from: from, to: to))
            }
        }
        await ledger.close()
    }

    @Test func `what lives keeps its whole journal, and what is young or not summed up yet stays`() async throws {
        let ledger = try Ledger(scratch.store, inventory: inventory)
        let lives = try #require(try await ledger.hold(request(cards(1), for: "ana")))
        _ = try await ledger.bind(lives.id, server: lives.server, now: noon)
        let over = try #require(try await ledger.hold(request(cards(1), for: "bo")))
        _ = try await ledger.bind(over.id, server: over.server, now: noon)
        _ = try await ledger.release(over.server, start: nil, now: noon + .seconds(day))
        let late = noon + .seconds(102 * day)
        // Its usage is not in the daily sums yet.
        #expect(try await ledger.forget(retention(100), now: late) == 0)
        _ = try await ledger.rollUpUsage(now: late)
        #expect(try await ledger.forget(retention(102), now: late) == 0)
        #expect(try await ledger.forget(retention(100), now: late) == 1)
        #expect(try await ledger.reservations(includingEnded: true).map(\.id) == [lives.id])
        #expect(try await ledger.entries(after: 0).map(\.reservationID) == [lives.id, lives.id])
        #expect(try await ledger.forget(retention(100), now: late) == 0)
        await ledger.close()
        // The books are as they were after a restart.
        let again = try Ledger(scratch.store, inventory: inventory)
        #expect(again.availability(of: cards(1)).freeNow == 1)
        #expect(try await again.hold(request(cards(1), for: "bo", start: "2", at: late)) != nil)
        await again.close()
    }

    @Test func `old audit entries go and their numbers do not come again`() async throws {
        let ledger = try Ledger(scratch.store, inventory: inventory)
        for (count, now) in [noon, noon + .seconds(day), noon + .seconds(200 * day)].enumerated() {
            #expect(try await ledger.drain("n\(count)", by: oncall, now: now))
        }
        _ = try await ledger.forget(retention(100), now: noon + .seconds(200 * day))
        #expect(try await ledger.auditEntries(most: 9).map(\.sequence) == [3])
        _ = try await ledger.forget(retention(100), now: noon + .seconds(400 * day))
        #expect(try await ledger.drain("n3", by: oncall, now: noon + .seconds(400 * day)))
        #expect(try await ledger.auditEntries(most: 9).map(\.sequence) == [4, 3])
        await ledger.close()
    }

    @Test func `the schema itself keeps what is young, and how far it may be shortened does not move back`()
        async throws
    {
        let ledger = try Ledger(scratch.store, inventory: inventory)
        _ = try await ledger.hold(request(cards(1)))
        #expect(try await ledger.drain("a", by: oncall, now: noon))
        _ = try await ledger.forget(retention(100), now: noon + .seconds(99 * day))
        await ledger.close()
        let connection = try scratch.store.open()
        defer { connection.close() }
        for fault in [
            "DELETE FROM ledger_entry", "DELETE FROM audit", "UPDATE audit SET actor = 'x'",
            "UPDATE retention SET journal_from_unix_ms = 0", "UPDATE retention SET audit_from_unix_ms = 0",
        ] {
            #expect(throws: StorageError.self, "\(fault)") { try connection.execute(fault) }
        }
    }
}
