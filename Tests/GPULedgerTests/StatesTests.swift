// SPDX-License-Identifier: Apache-2.0
import GPULedger
import SpawnModel
import Testing

/// What whoever tidies up asks of many reservations at once.
@Suite(.onEachStore) struct StatesTests {
    @Test func `each reservation that there is has its state, and no other`() async throws {
        let scratch = Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let ledger = try Ledger(scratch.store, inventory: Inventory(nodes: [], pools: []))
        var wanted: [String: Reservation.State] = [:]
        for number in 0..<205 {
            let held = try #require(try await ledger.hold(request(nil, for: "u\(number)")))
            if number.isMultiple(of: 2) {
                _ = try await ledger.release(held.server, start: held.start, now: noon + .seconds(1))
            }
            wanted[held.id] = try await ledger.reservation(held.id)?.state
        }
        #expect(Set(wanted.values).count == 2)
        #expect(try await ledger.states(of: Set(wanted.keys).union(["unknown", ""])) == wanted)
        #expect(try await ledger.states(of: ["unknown"]).isEmpty)
        #expect(try await ledger.states(of: []).isEmpty)
    }
}
