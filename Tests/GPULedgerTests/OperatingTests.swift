// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct OperatingTests {
    let scratch = Scratch()
    let two = Inventory(
        nodes: [node("a", [card("a0", ["whole"])]), node("b", [card("b0", ["whole"])])], pools: [wholePool()])
    let oncall = Operator(name: "token/oncall", role: "operator", reason: "fan broken", requestID: "request-1")

    func ledger() throws -> Ledger { try Ledger(scratch.store, inventory: two) }

    @Test func `nothing is granted on a drained node, also after a restart, until it is undrained`() async throws {
        var ledger = try ledger()
        #expect(try await ledger.drain("a", by: oncall, now: noon))
        #expect(ledger.availability(of: cards(1)).freeNow == 1)
        #expect(ledger.availability(of: cards(1)).total == 1)
        await ledger.close()
        ledger = try self.ledger()
        #expect(try await ledger.devices(cards(1), for: "ana") == ["b0"])
        #expect(try await ledger.reserve(request(cards(1), for: "bo")).shortage?.reason == .full)
        #expect(try await ledger.undrain("a", by: oncall, now: noon))
        #expect(try await ledger.devices(cards(1), for: "bo") == ["a0"])
    }

    @Test func `a drain by another replica counts in the next decision here`() async throws {
        let ledger = try ledger()
        let other = try self.ledger()
        #expect(try await other.drain("a", by: oncall, now: noon))
        #expect(try await ledger.devices(cards(1), for: "ana") == ["b0"])
    }

    @Test func `what runs on a drained node goes on, and is no deficit`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        #expect(try await ledger.drain("a", by: oncall, now: noon))
        _ = try await ledger.bind(held.id, server: server("ana"), now: noon)
        #expect(ledger.availability(of: cards(1)).deficit == 0)
        #expect(ledger.devices(now: noon).first?.reservationIDs == [held.id])
        let nodes = try await ledger.nodes(now: noon)
        #expect(nodes.map(\.mark?.reason) == ["fan broken", nil])
        #expect(nodes.map(\.devicesInUse) == [1, 0])
    }

    @Test func `a new inventory does not forget which nodes are drained`() async throws {
        let ledger = try ledger()
        #expect(try await ledger.drain("a", by: oncall, now: noon))
        try await ledger.replace(inventory: two)
        #expect(ledger.availability(of: cards(1)).total == 1)
    }

    @Test func `an operator frees a reservation once, and the journal and the audit say so`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        guard case .released(let ended) = try await ledger.release(held.id, by: oncall, force: false, now: noon) else {
            Issue.record("not released")
            return
        }
        #expect(ended.state == .released)
        #expect(try await ledger.release(held.id, by: oncall, force: false, now: noon) == .alreadyEnded(ended))
        #expect(try await ledger.release("nobody", by: oncall, force: false, now: noon) == .unknown)
        #expect(try await ledger.entries(after: 0).last?.cause == .operatorReleased)
        let entries = try await ledger.auditEntries(most: 10)
        #expect(entries.map(\.action) == [.release])
        #expect(entries.first?.by == oncall)
        #expect(entries.first.map { [$0.target, $0.before, $0.after] } == [held.id, "held", "released"])
    }

    @Test func `an extension moves the end, not the state, and is bounded`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        #expect(try await ledger.extend(held.id, by: oncall, .seconds(60), now: noon) == .hasNoEnd(held))
        let bound = try await ledger.bind(held.id, server: server("ana"), now: noon)
        guard case .extended(let longer) = try await ledger.extend(held.id, by: oncall, .seconds(7200), now: noon)
        else {
            Issue.record("not extended")
            return
        }
        #expect(longer.endsBy == noon + .seconds(3 * 3600))
        #expect(longer.state == .bound)
        #expect(longer.revision == bound.revision + 1)
        #expect(ledger.boundReservation(held.id) == longer)
        #expect(
            try await ledger.extend(held.id, by: oncall, Ledger.extensionMax, now: noon) == .tooLong(longer))
        #expect(try await ledger.auditEntries(most: 10).map(\.action) == [.extend])
    }

    @Test func `what changes nothing writes no audit entry`() async throws {
        let ledger = try ledger()
        #expect(try await ledger.undrain("a", by: oncall, now: noon) == false)
        #expect(try await ledger.drain("a", by: oncall, now: noon))
        #expect(try await ledger.drain("a", by: oncall, now: noon) == false)
        #expect(try await ledger.auditEntries(most: 10).count == 1)
    }

    @Test func `reservations are listed by state, user and pool, page by page`() async throws {
        let ledger = try ledger()
        for user in ["ana", "bo"] { _ = try await ledger.hold(request(cards(1), for: user)) }
        _ = try await ledger.release(server("ana"), start: nil, now: noon)
        _ = try await ledger.hold(request(nil, for: "cy"))
        var filter = ReservationFilter()
        #expect(try await ledger.reservations(filter, most: 10).map(\.server.user) == ["cy", "bo"])
        let first = try await ledger.reservations(filter, most: 1)
        filter.olderThan = first.last?.id
        #expect(try await ledger.reservations(filter, most: 10).map(\.server.user) == ["bo"])
        filter = ReservationFilter()
        filter.states = [.released]
        #expect(try await ledger.reservations(filter, most: 10).map(\.server.user) == ["ana"])
        filter.states = nil
        filter.pool = "whole"
        #expect(try await ledger.reservations(filter, most: 10).map(\.server.user) == ["bo"])
    }
}
