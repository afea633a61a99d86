// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

@Suite(.onEachStore) struct WalltimeTests {
    let scratch = Scratch()
    let one = Inventory(nodes: [node("a", [card("a0", ["whole"])])], pools: [wholePool()])
    let ana = Operator(name: "user/production/ana", role: "user", reason: "asked", requestID: "request-1")
    let oncall = Operator(name: "token/oncall", role: "operator", reason: "beamtime", requestID: "request-2")

    private func bound(in ledger: Ledger) async throws -> Reservation {
        let held = try #require(try await ledger.hold(request(cards(1))))
        return try await ledger.bind(held.id, server: server("ana"), now: noon)
    }

    private func terms(_ seconds: Int, most: Int?) -> OperatorExtensionTerms {
        OperatorExtensionTerms(
            .seconds(seconds), podGrace: .seconds(90_000), authorsMost: most.map { .seconds($0) })
    }

    @Test func `what somebody may add is counted over all they have added, and nobody else's`() async throws {
        let ledger = try Ledger(scratch.store, inventory: one)
        let session = try await bound(in: ledger)
        guard case .extended = try await ledger.extend(session.id, by: ana, terms(600, most: 1000), now: noon),
            case .extended(let longer, _) = try await ledger.extend(
                session.id, by: oncall, terms(3600, most: nil), now: noon)
        else {
            Issue.record("not extended")
            return
        }
        #expect(try await ledger.extend(session.id, by: ana, terms(401, most: 1000), now: noon) == .usedUp(longer))
        guard case .extended = try await ledger.extend(session.id, by: ana, terms(400, most: 1000), now: noon) else {
            Issue.record("not extended up to what may be added")
            return
        }
        #expect(try await ledger.extended(session.id, by: ana.name) == .seconds(1000))
        #expect(try await ledger.extended(session.id, by: oncall.name) == .seconds(3600))
    }

    @Test func `a hundred clicks at once add no more than one after the other`() async throws {
        let ledger = try Ledger(scratch.store, inventory: one)
        let session = try await bound(in: ledger)
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { _ = try? await ledger.extend(session.id, by: ana, terms(60, most: 600), now: noon) }
            }
        }
        let end = try await ledger.reservation(session.id)?.endsBy
        #expect(end == session.endsBy.map { $0 + .seconds(600) })
    }

    @Test func `without a watched cluster a session's own sidecar begins its walltime, once`() async throws {
        let ledger = try Ledger(scratch.store, inventory: one)
        let session = try await bound(in: ledger)
        let begun = try await ledger.begin(session.id, now: noon + .seconds(40))
        #expect(begun?.state == .running && begun?.endsBy == session.endsBy.map { $0 + .seconds(40) })
        #expect(try await ledger.begin(session.id, now: noon + .seconds(90)) == begun)
        #expect(try await ledger.begin("nobody", now: noon) == nil)
    }

    @Test func `what is over is told until it has ended, and not before`() async throws {
        let ledger = try Ledger(scratch.store, inventory: one)
        let session = try await bound(in: ledger)
        let end = try #require(session.endsBy)
        #expect(try await ledger.due(now: end + .seconds(-1), most: 10) == [])
        #expect(try await ledger.due(now: end, most: 10) == [session])
        #expect(try await ledger.due(now: end, most: 0) == [])
        _ = try await ledger.release(server("ana"), start: nil, id: nil, now: end + .seconds(1))
        #expect(try await ledger.due(now: end + .seconds(2), most: 10) == [])
    }
}
