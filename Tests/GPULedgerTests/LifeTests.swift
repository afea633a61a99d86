// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct LifeTests {
    let scratch = Scratch()
    let one = Inventory(nodes: [node("a", [card("a0", ["whole"])])], pools: [wholePool()])
    let two = Inventory(nodes: [node("a", [card("a0", ["whole"]), card("a1", ["whole"])])], pools: [wholePool()])

    func ledger(_ inventory: Inventory? = nil) throws -> Ledger {
        try Ledger(scratch.store, inventory: inventory ?? one)
    }

    @Test func `a hub that retries gets the reservation its server already holds`() async throws {
        let ledger = try ledger()
        let first = try await ledger.reserve(request(cards(1)))
        let again = try await ledger.reserve(request(cards(1), at: noon + .seconds(20)))
        #expect(again == .held(try #require(first.reservation), isRepeat: true))
        #expect(try await ledger.entries(after: 0).count == 1)
    }

    @Test func `a retry after the bind gets the bound reservation`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        let bound = try await ledger.bind(held.id, server: server("ana"), now: noon + .seconds(5))
        #expect(bound.state == .bound)
        #expect(bound.endsBy == noon + .seconds(3605))
        #expect(try await ledger.bind(held.id, server: server("ana"), now: noon + .seconds(9)) == bound)
        #expect(try await ledger.reserve(request(cards(1))) == .held(bound, isRepeat: true))
    }

    @Test func `a start that asks for something else is a conflict and changes nothing`() async throws {
        let ledger = try ledger(two)
        let held = try #require(try await ledger.hold(request(cards(1))))
        for other in [
            request(cards(2)), request(nil), request(cards(1), terms: "{\"a\":1}"), request(cards(1), walltime: nil),
        ] {
            await #expect(throws: LedgerError.startConflict(standing: held)) { try await ledger.reserve(other) }
        }
        #expect(try await ledger.reservations(includingEnded: true) == [held])
    }

    @Test func `a start whose reservation is over is not revived`() async throws {
        let ledger = try ledger()
        _ = try await ledger.hold(request(cards(1)))
        guard case .released(let ended) = try await ledger.release(server("ana"), start: start("1"), now: noon) else {
            Issue.record("not released")
            return
        }
        await #expect(throws: LedgerError.startEnded(ended)) { try await ledger.reserve(request(cards(1))) }
    }

    @Test func `a new start of a server replaces its reservation, on the same card if need be`() async throws {
        let ledger = try ledger()
        let first = try #require(try await ledger.hold(request(cards(1), start: "1")))
        let second = try #require(try await ledger.hold(request(cards(1), start: "2")))
        #expect(second.placement == first.placement)
        #expect(try await ledger.reservation(first.id)?.state == .released)
        #expect(try await ledger.entries(after: 0).map(\.cause) == [.reserved, .superseded, .reserved])
    }

    @Test func `a new start that does not fit leaves the old one standing`() async throws {
        let ledger = try ledger()
        let first = try #require(try await ledger.hold(request(cards(1), start: "1")))
        #expect(try await ledger.reserve(request(cards(2), start: "2")).shortage?.reason == .tooLarge)
        #expect(try await ledger.reservations(includingEnded: false) == [first])
    }

    @Test func `a late stop of an earlier start does not free the later one`() async throws {
        let ledger = try ledger()
        let first = try #require(try await ledger.hold(request(cards(1), start: "1")))
        let second = try #require(try await ledger.hold(request(cards(1), start: "2")))
        let ended = try #require(try await ledger.reservation(first.id))
        #expect(try await ledger.release(server("ana"), start: start("1"), now: noon) == .alreadyEnded(ended))
        #expect(try await ledger.reservations(includingEnded: false) == [second])
    }

    @Test func `a stop without a start frees what the server holds`() async throws {
        let ledger = try ledger()
        _ = try await ledger.hold(request(cards(1)))
        guard case .released(let released) = try await ledger.release(server("ana"), start: nil, now: noon) else {
            Issue.record("not released")
            return
        }
        #expect(try await ledger.release(server("ana"), start: nil, now: noon) == .alreadyEnded(released))
        #expect(try await ledger.release(server("ana"), start: start("1"), now: noon) == .alreadyEnded(released))
        #expect(try await ledger.release(server("ana"), start: start("7"), now: noon) == .nothingHeld)
        #expect(try await ledger.release(server("bo"), start: nil, now: noon) == .nothingHeld)
        #expect(try await ledger.devices(cards(1), for: "bo") == ["a0"])
    }

    @Test func `one server's stop does not touch the user's other server`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        #expect(try await ledger.release(server("ana", "second"), start: nil, now: noon) == .nothingHeld)
        #expect(try await ledger.reservations(includingEnded: false) == [held])
    }

    @Test func `only what is held and past its time expires`() async throws {
        let ledger = try ledger(two)
        let lapsing = try #require(try await ledger.hold(request(cards(1), for: "ana", holdFor: .seconds(60))))
        let bound = try #require(try await ledger.hold(request(cards(1), for: "bo", holdFor: .seconds(60))))
        _ = try await ledger.bind(bound.id, server: server("bo"), now: noon)
        #expect(try await ledger.expire(now: noon + .seconds(59)) == [])
        #expect(try await ledger.expire(now: noon + .seconds(60)).map(\.id) == [lapsing.id])
        #expect(try await ledger.expire(now: noon + .seconds(9999)) == [])
        #expect(try await ledger.reservation(lapsing.id)?.state == .expired)
    }

    @Test func `binding tells an unknown, a foreign and an ended reservation apart`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(cards(1))))
        await #expect(throws: LedgerError.unknownReservation(id: "x")) {
            try await ledger.bind("x", server: server("ana"), now: noon)
        }
        await #expect(throws: LedgerError.notYours(id: held.id)) {
            try await ledger.bind(held.id, server: server("bo"), now: noon)
        }
        let expired = try #require(try await ledger.expire(now: noon + .seconds(999)).first)
        await #expect(throws: LedgerError.ended(expired)) {
            try await ledger.bind(held.id, server: server("ana"), now: noon)
        }
    }

    @Test func `a server without a GPU keeps its terms and holds no capacity`() async throws {
        let ledger = try ledger()
        let held = try #require(try await ledger.hold(request(nil, terms: "{\"profile\":\"cpu\"}", walltime: nil)))
        #expect(held.placement == [])
        #expect(held.gpu == nil)
        #expect(held.terms == "{\"profile\":\"cpu\"}")
        #expect(try await ledger.bind(held.id, server: server("ana"), now: noon).endsBy == nil)
        #expect(ledger.availability(of: cards(1)).freeNow == 1)
    }

    @Test func `text is kept byte for byte`() async throws {
        let ledger = try ledger()
        // PostgreSQL has no zero bytes in text: refused there, and never cut.
        let zero = TestStore.current == .sqlite ? "\0" : ""
        let terms = "zero \(zero) byte, quote ' \" , \u{1F6A2}, e\u{301}"
        let held = try #require(try await ledger.hold(request(nil, for: "o'brien; --\(zero)é", terms: terms)))
        #expect(Array(held.terms.utf8) == Array(terms.utf8))
        #expect(Array(held.server.user.utf8) == Array("o'brien; --\(zero)é".utf8))
    }

    @Test func `two hubs that ask for the last card at once get one card between them`() async throws {
        let ledger = try ledger()
        let outcomes = try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
            for user in 0..<100 { group.addTask { try await ledger.reserve(request(cards(1), for: "user-\(user)")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap(\.reservation).count == 1)
        #expect(outcomes.compactMap(\.shortage).count == 99)
    }

    @Test func `two Berths on one file cannot grant the last card twice`() async throws {
        let both = [try ledger(), try ledger()]
        let outcomes = try await withThrowingTaskGroup(of: ReserveOutcome.self) { group in
            for user in 0..<60 {
                group.addTask { try await both[user % 2].reserve(request(cards(1), for: "user-\(user)")) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap(\.reservation).count == 1)
    }

    @Test func `an inventory that names a device twice is refused and the one before stays`() async throws {
        let ledger = try ledger()
        let twice = Inventory(nodes: [node("a", [card("x", []), card("x", [])])], pools: [])
        await #expect(throws: LedgerError.inventoryFault("device x is listed twice")) {
            try await ledger.replace(inventory: twice)
        }
        #expect(ledger.availability(of: cards(1)).total == 1)
    }
}
